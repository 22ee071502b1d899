// SPDX-License-Identifier: MIT
// The settings of a session under which tables are made, and filled, as they were elsewhere.
#pragma once

#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// Nothing is refused that is there already, and a definition is taken as the server says it. Without `directories`,
// those that a table names are left out: they are another table's. False where the history of rows cannot be written.
bool set_up_for_tables(Session& session, bool directories);

}  // namespace dbfixture::mariadb
