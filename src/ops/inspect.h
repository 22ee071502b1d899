// SPDX-License-Identifier: MIT
// inspect: what the tool sees in a database, and what it would do with each table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.h"
#include "model/selection.h"

namespace dbfixture {

struct InspectedTable {
    std::size_t table = 0;  // index into schema().tables
    std::optional<std::uint64_t> rows;
    std::optional<std::int64_t> sequence;  // its sequence as stored, where it has one
    std::vector<std::string> labels;       // that select it: its name, its app, app.model
    std::string left_out;                  // why dumpdata without labels leaves it out; "" if it does not
    std::string problem;                   // why it cannot be read; "" if it can
};

struct Inspection {
    std::vector<InspectedTable> tables;            // in load order: parents first
    std::vector<std::vector<std::size_t>> cycles;  // of the tables shown
    std::uint64_t rows = 0;
};

struct InspectOptions {
    std::vector<std::string> labels;  // empty: every table, also those that dumpdata leaves out
    Apps apps;
    bool count_rows = true;  // and read the sequences
};

// Call inside a ReadView. A table that cannot be read is part of the answer, not an error.
Inspection inspect(Connection& connection, const InspectOptions& options);

}  // namespace dbfixture
