// SPDX-License-Identifier: MIT
// Two streams of one table's rows, merged by key.
#pragma once

#include <functional>
#include <string>

#include "ops/diff/captured_fixture.h"
#include "ops/diff/result.h"
#include "ops/diff/row_stream.h"

namespace dbfixture {

// One side's rows. Of a fixture, with what it says beside them.
struct TableSide {
    RowStream* rows = nullptr;  // nullptr: it has none
    CapturedTable* captured = nullptr;
    const CapturedFixture* fixture = nullptr;
    bool is_lists() const { return captured != nullptr && captured->is_lists; }
};

ComparedTable compared_table(const std::string& label, const Table& a, const TableSlots& slots_a, const Table& b,
                             const TableSlots& slots_b);

struct TableDiffOptions {
    bool contains = false;  // what only B has is not asked for
};

// Rows without a key of one side stand for rows of the other that nothing else stands for. Throws kInput for a key that
// a fixture gives twice.
TableCount compare_rows(const ComparedTable& table, const TableSide& a, const TableSide& b,
                        const TableDiffOptions& options, DiffSink& sink);

// A join table of which a side gives rows as lists: the pairs of those owners alone that have a list on each side that
// gives lists.
TableCount compare_lists(const ComparedTable& table, const TableSide& a, const TableSide& b,
                         const TableDiffOptions& options, DiffSink& sink);

}  // namespace dbfixture
