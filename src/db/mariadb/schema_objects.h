// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "db/connection.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// Connection::schema_objects(): what SHOW CREATE says, without counters.
std::vector<SchemaObject> read_schema_objects(Session& session);

// SHOW CREATE TABLE without where its counter stands.
std::string without_counter(std::string definition);

}  // namespace dbfixture::mariadb
