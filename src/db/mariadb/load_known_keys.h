// SPDX-License-Identifier: MIT
// What a load knows by itself of the rows that its foreign keys are about, so that the server need not be asked: it
// would read all rows again (a seventh of the time of a large load). Of keys of one integer column, whose values are
// the same to everybody.
//
//  1. Known is what rows that are in their table now have in the columns that others refer to: rows of this load, which
//     nobody else can change before its end.
//  2. Collected is what the rows refer to that have to be checked, all of them: those inserted, those whose child
//     columns changed. Too much of it does no harm: then it is not proved.
//  3. Nothing is claimed where it is not certain: a value of another kind, a column that a row leaves to its default, a
//     table of which rows go or change meanwhile, more keys than memory is worth.
#pragma once

#include <cstddef>
#include <vector>

#include "base/integer_set.h"
#include "db/mariadb/load_context.h"
#include "db/mariadb/reference.h"

namespace dbfixture::mariadb {

class KnownKeys {
  public:
    KnownKeys(const LoadContext& context, const std::vector<Reference>& references);

    void present(const SentRow& row);  // rule 1: the row is in its table, with these values
    void refers(const SentRow& row);   // rule 2
    void changing(std::size_t table);  // rule 3: rows of it may go, or get other values
    // Whether all that was collected for the reference, by its index, is known.
    bool holds(std::size_t reference) const;

  private:
    struct Known {
        std::size_t table = 0, column = 0;
        bool certain = true;
        IntegerSet keys;
    };
    struct Collected {
        std::size_t table = 0, column = 0;
        std::size_t known = 0;  // index into known_
        bool certain = false;
        IntegerSet values;
    };
    void bound();

    std::vector<Known> known_;
    std::vector<Collected> collected_;                             // parallel to the references
    std::vector<std::vector<std::size_t>> of_table_, from_table_;  // of each table: indexes into known_, collected_
    std::size_t rows_ = 0;
};

}  // namespace dbfixture::mariadb
