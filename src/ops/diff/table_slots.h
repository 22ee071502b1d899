// SPDX-License-Identifier: MIT
// Which columns of a table are compared, and what tells its rows apart.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "db/connection.h"
#include "ops/diff/packed_row.h"
#include "ops/diff/row_stream.h"

namespace dbfixture {

// One side's table. Slot `i` is column columns[i]; those of two sides stand for each other.
struct TableSlots {
    std::size_t table = 0;             // index into schema().tables
    std::vector<std::size_t> columns;  // those of the key first, in its order
    std::size_t key_size = 0;          // so many slots are the key; none: the row number is, unless it is a bag
    bool is_bag = false;               // rows are told apart by all of their values
};

// Whether a column is compared: false for one that is ignored, or that the other side does not have. The key itself is
// asked for as nullptr: without it a table is a bag.
using IsCompared = std::function<bool(const Table& table, const Column* column)>;

// Generated columns are never compared: they follow from the others.
TableSlots slots_of(const Schema& schema, std::size_t table, const IsCompared& is_compared);

// Of a table that is in two schemas: columns of one name stand for each other. Where the keys are not the same, rows
// are told apart by all they hold.
std::pair<TableSlots, TableSlots> match_slots(const Schema& a, std::size_t in_a, const Schema& b, std::size_t in_b,
                                              const IsCompared& is_compared);

// Appends the bytes by which the row is ordered.
void append_row_key(std::string& out, const TableSlots& slots, const DiffRow& row);

// The rows of a table, packed and in order. Without nesting cursors nothing else may be asked of the connection while
// the stream lives.
std::unique_ptr<RowStream> open_table_rows(Connection& connection, const TableSlots& slots);

// Those of two columns alone, ordered by them: the pairs of a join table.
std::unique_ptr<RowStream> open_pairs(Connection& connection, const TableSlots& slots);

}  // namespace dbfixture
