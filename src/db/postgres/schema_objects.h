// SPDX-License-Identifier: MIT
// What a schema defines, in the server's own words: equal lists mean equal schemas.
#pragma once

#include <vector>

#include "db/connection.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Sorted by kind and name. Names have their schema before them.
std::vector<SchemaObject> read_schema_objects(Session& session);

}  // namespace dbfixture::postgres
