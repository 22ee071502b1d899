// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "db/connection.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// Connection::schema_objects(): what SHOW CREATE says, without counters.
std::vector<SchemaObject> read_schema_objects(Session& session);

}  // namespace dbfixture::mariadb
