// SPDX-License-Identifier: MIT
// What would change from one database to another, table by table, for restore --dry-run.
#pragma once

#include "db/connection.h"
#include "state/restore.h"

namespace dbfixture {

// Tables, schema, sequences. `before` may be nullptr: no database. Rows are told apart by 64-bit sums, of which one row
// takes 16 bytes.
RestorePreview compare_states(Connection* before, Connection& after);

// Adds what would change of settings and of the planner's statistics.
void compare_facts(const StateFacts& before, const StateFacts& after, RestorePreview& preview);

}  // namespace dbfixture
