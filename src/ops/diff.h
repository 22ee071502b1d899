// SPDX-License-Identifier: MIT
// What differs between two states, table by table: for restore --dry-run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/states.h"
#include "ops/diff/result.h"

namespace dbfixture {

// What would change in a table. `before` and `after` are numbers of rows, nothing where the table is not, or could not
// be read.
struct TableChange {
    std::string table;
    std::optional<std::uint64_t> before, after;
    std::uint64_t removed = 0;  // rows whose key would go
    std::uint64_t added = 0;    // rows whose key would come
    std::uint64_t changed = 0;  // rows that would get other values
    bool schema = false;        // the definition would change
};

// A table whose rows cannot be read, and that may change; "" is the whole database.
struct UncomparedTable {
    std::string table, reason;
    bool derived = false;  // made of other tables' rows
};

struct StateChanges {
    std::vector<TableChange> tables;         // those with any change, by name
    std::vector<std::string> other_changes;  // "index \"i\" would be created"
    std::vector<UncomparedTable> not_compared;
    bool any() const { return !tables.empty() || !other_changes.empty(); }
};

// Tables, schema, sequences. `before` may be nullptr: no database. Rows are compared as diff does (diff/table_diff.h),
// in the columns that both sides have.
StateChanges compare_states(Connection* before, Connection& after);

// Gives each row that differs of tables that are on both sides and can be read.
void compare_all_rows(Connection& before, Connection& after, DiffSink& sink);

// Adds what would change of settings and of the planner's statistics.
void compare_facts(const StateFacts& before, const StateFacts& after, StateChanges& preview);

}  // namespace dbfixture
