// SPDX-License-Identifier: MIT
// What a schema defines, in the server's own words: equal lists mean equal schemas.
#pragma once

#include <string>
#include <vector>

#include "db/connection.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// SQL: the same as rows (kind, name, definition), in no order.
std::string schema_objects_query();

// What such a query gives, sorted by kind and name. Names have their schema before them.
std::vector<SchemaObject> read_schema_objects(Session& session, const std::string& query);

}  // namespace dbfixture::postgres
