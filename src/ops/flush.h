// SPDX-License-Identifier: MIT
// flush: which tables are emptied, what that would lose, and doing it (DESIGN 5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/connection.h"
#include "layout/layout.h"
#include "model/selection.h"

namespace dbfixture {

struct FlushOptions {
    std::vector<std::string> labels;  // empty: all tables but bookkeeping, and these:
    KeptInFlush kept;
    std::vector<std::string> exclude;
    Apps apps;
    bool cascade = false;  // tables that refer to a chosen one are emptied too, unless `exclude` names them
    bool keep_sequences = false;
    bool drop_triggers = false;  // LoadOptions
};

struct FlushPlan {
    FlushRequest request;               // children before parents
    std::vector<std::string> cascaded;  // names of tables that --cascade added
    std::vector<std::string> kept;      // tables that stay, or of which rows stay, because nobody named them
};

// The tables that labels, exclude and apps mean, children before parents; derived tables are not among them. Throws
// kNotFound for a label that matches nothing.
std::vector<std::size_t> tables_to_flush(const Schema& schema, const FlushOptions& options);

// Call inside a ReadView. Throws kNotFound for a label that matches nothing, kRefused with the list when rows of
// other tables refer to the chosen ones (with `cascade`: of tables that `exclude` names), kFailure for a table that
// this build cannot open.
FlushPlan plan_flush(Connection& connection, const FlushOptions& options);

// Connection::flush(), begun again after what passes by itself.
std::vector<std::uint64_t> flush(Connection& connection, const FlushRequest& request);

// How many rows it would delete. Reads all of them, so only who is told asks.
std::uint64_t count_rows(Connection& connection, const FlushPlan& plan);

}  // namespace dbfixture
