// SPDX-License-Identifier: MIT
// What would change from one database to another, table by table, for restore --dry-run.
#pragma once

#include "db/connection.h"
#include "state/restore.h"

namespace dbfixture {

// `before` may be nullptr: no database. Rows are told apart by 64-bit sums, of which one row takes some 16 bytes.
RestorePreview compare_states(Connection* before, Connection& after);

}  // namespace dbfixture
