// SPDX-License-Identifier: MIT
// Emptying tables (reference/mariadb.md, section 5): DELETE, all in one transaction; then the counters, each by a
// statement that is a transaction of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

std::vector<std::uint64_t> flush_tables(Session& session, const Catalog& catalog, const FlushRequest& request);
std::vector<std::string> flush_statements(const Catalog& catalog, const FlushRequest& request);

}  // namespace dbfixture::mariadb
