// SPDX-License-Identifier: MIT
// What is sent for a value. The server in its strict mode still takes what a column cannot hold, and changes it: digits
// behind the point, spaces at the end, the numbers of an enumeration's members, two digits of a year, NULL for a time
// that must not be null. All of that is refused here, by column.
#pragma once

#include "base/arena.h"
#include "db/mariadb/catalog.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture::mariadb {

// Points into `value`'s memory or into `arena`. Throws kInput with the column and its line.
Value sendable(const Value& value, const Column& column, const ColumnFacts& facts, Arena& arena);

}  // namespace dbfixture::mariadb
