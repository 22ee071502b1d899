// SPDX-License-Identifier: MIT
// Sets of rows in join tables, replaced as a whole during a load (LoadSession::replace_members).
#pragma once

#include <span>

#include "db/mariadb/table_loader.h"

namespace dbfixture::mariadb {

// Sets of one table. Afterwards the owners' rows are those of the sets: missing ones are written through `loader`,
// others deleted, and those that are there stay as they are. The loader has nothing on its way.
void replace_member_rows(LoadParts& parts, TableLoader& loader, std::span<const MemberSet> sets);

}  // namespace dbfixture::mariadb
