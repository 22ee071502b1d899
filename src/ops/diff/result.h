// SPDX-License-Identifier: MIT
// What a comparison finds, as it finds it. A and B are the two sides, in the order in which they were named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/schema.h"
#include "ops/diff/packed_row.h"

namespace dbfixture {

enum class RowChange : std::uint8_t { kOnlyA, kOnlyB, kDiffers };

// A table of which rows are compared.
struct ComparedTable {
    std::string label;
    const Table* a = nullptr;  // nullptr where the side does not have it
    const Table* b = nullptr;
    std::vector<std::string> columns;     // of the slots
    std::vector<std::size_t> in_a, in_b;  // their indexes; empty where the side does not have the table
    std::size_t key_size = 0;             // so many of them are the key
    bool is_bag = false;                  // nothing is the key: rows are told apart by all they hold

    // A table of either side to tell what its rows are.
    const Table& facts() const { return b != nullptr ? *b : *a; }
};

// A row that is not alike on both sides.
struct RowDifference {
    RowChange change = RowChange::kDiffers;
    const DiffRow* a = nullptr;  // nullptr where the side does not have it
    const DiffRow* b = nullptr;
    std::vector<bool> differs;  // of kDiffers: which slots
};

struct TableCount {
    std::string label;
    std::uint64_t only_a = 0, only_b = 0, differs = 0;
    std::uint64_t rows_a = 0, rows_b = 0;  // that were compared
    bool any() const { return only_a + only_b + differs > 0; }
};

// Something that the schema or the sequences of the sides do not have alike.
struct OtherDifference {
    std::string kind;  // "table", "column", "index", "sequence"
    std::string name;  // of a column: "table.column"
    RowChange change = RowChange::kDiffers;
    std::string a{}, b{};                 // of a sequence: where it stands; of a definition: its words
    std::optional<std::uint64_t> rows{};  // of a table that only one side has
};

class DiffSink {
  public:
    virtual ~DiffSink() = default;
    virtual void take(const OtherDifference& difference) = 0;
    // Before the first difference of the table. What it points to lives until end_table().
    virtual void begin_table(const ComparedTable& table) = 0;
    virtual void take(const RowDifference& difference) = 0;
    // After every table that was compared, whether it differs or not.
    virtual void end_table(const TableCount& count) = 0;
    // A table, or "" for everything, that could not be compared.
    virtual void not_compared(const std::string& table, const std::string& reason) = 0;
};

}  // namespace dbfixture
