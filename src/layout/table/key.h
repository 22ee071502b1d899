// SPDX-License-Identifier: MIT
// Keys as people type them for a table: a value, or a JSON list in key order for a key of several columns.
#pragma once

#include <string>

#include "base/arena.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

// For RowQuery::keys. Points into `text` or `arena`. Throws kUsage for a key that is not of the table's.
Value parse_table_key(const std::string& text, const Table& table, Arena& arena);

}  // namespace dbfixture
