// SPDX-License-Identifier: MIT
// The order of tables by their foreign keys.
//
//  1. A table comes after every table that it references.
//  2. Where 1 leaves a choice, the smaller name (binary order) comes first.
//  3. Tables that reference each other in a ring (a strongly connected component) cannot obey 1 among themselves: they
//  stay
//     together, ordered by name, and stand where 1 and 2 put the ring as a whole (its name is its smallest member's).
//  4. A reference to itself is a cycle of one, but orders nothing. A reference to a missing table is left out.
#pragma once

#include <cstddef>
#include <vector>

#include "model/schema.h"

namespace dbfixture {

struct TableOrder {
    std::vector<std::size_t> tables;               // indexes into Schema::tables, parents first
    std::vector<std::vector<std::size_t>> cycles;  // each in name order; of one table when it references itself
};

TableOrder order_tables(const Schema& schema);

}  // namespace dbfixture
