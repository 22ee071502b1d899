// SPDX-License-Identifier: MIT
// Bound rows on their way to the database, with the memory that they point into.
#pragma once

#include <memory>
#include <vector>

#include "base/arena.h"
#include "db/connection.h"

namespace dbfixture {

// What rows of a batch still need of the database before or after they are written; known to the layout that bound them
// and whose Settler takes it.
class RowLinks {
  public:
    virtual ~RowLinks() = default;
    virtual void clear() = 0;
    // The tables that the records of the batch speak of besides those of its rows.
    virtual void add_tables(std::vector<std::size_t>& tables) const = 0;
};

struct RowBatch {
    Arena arena;
    std::size_t text_bytes = 0;
    std::vector<BoundRow> rows;
    std::unique_ptr<RowLinks> links;  // nullptr: none of the rows needs anything

    bool is_full() const { return rows.size() >= 512 || text_bytes >= std::size_t{256} * 1024; }
    void clear() {
        arena.clear();
        text_bytes = 0;
        rows.clear();
        if (links) links->clear();
    }
};

}  // namespace dbfixture
