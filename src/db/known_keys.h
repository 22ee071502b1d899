// SPDX-License-Identifier: MIT
// What a load knows by itself of the rows that its foreign keys are about, so that a server need not be asked: it would
// read all rows again (a tenth to a seventh of the time of a large load). Of keys of one integer column, whose values
// are the same to everybody.
//
//  1. Known is what rows that are in their table have in the columns that others refer to: rows of this load, which
//     nobody else can change before its end.
//  2. Collected is what the rows refer to that have to be checked, all of them: those inserted, those whose child
//     columns changed. Too much of it does no harm: then it is not proved.
//  3. Nothing is claimed where it is not certain: a value of another kind, a column that a row leaves to its default, a
//     table of which rows go or change meanwhile, more keys than memory is worth. Who calls says what may change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/integer_set.h"
#include "model/value.h"

namespace dbfixture {

// Tables and columns by their indexes.
struct KeyReference {
    std::size_t child = 0, child_column = 0;
    std::size_t parent = 0, parent_column = 0;
};

class KnownKeys {
  public:
    // Nothing for a reference of which nothing is to be known: of several columns, or of columns that are no integers.
    KnownKeys(std::size_t tables, std::span<const std::optional<KeyReference>> references);

    // A row: ascending column indexes, and a value for each.
    using Columns = std::span<const std::uint16_t>;
    using Values = std::span<const Value>;
    // Rule 1: it is in its table, with these values.
    void present(std::size_t table, Columns columns, Values values);
    // Rule 2.
    void refers(std::size_t table, Columns columns, Values values);
    // Rule 3: rows of the table may go, or get other values.
    void changing(std::size_t table);
    // The same, and what they refer to is not known either.
    void unsure(std::size_t table);
    // Whether all that was collected for the reference, by its index, is known.
    bool holds(std::size_t reference) const;

  private:
    struct Known {
        std::size_t table = 0, column = 0;
        bool certain = true;
        IntegerSet keys{};
    };
    struct Collected {
        std::size_t column = 0;
        std::size_t known = 0;  // index into known_
        bool certain = false;
        IntegerSet values{};
    };
    void bound();

    std::vector<Known> known_;
    std::vector<Collected> collected_;                             // parallel to the references
    std::vector<std::vector<std::size_t>> of_table_, from_table_;  // of each table: indexes into known_, collected_
    std::size_t rows_ = 0;
};

}  // namespace dbfixture
