// SPDX-License-Identifier: MIT
// Bound rows on their way to the database, with the memory that they point into.
#pragma once

#include <vector>

#include "base/arena.h"
#include "db/connection.h"

namespace dbfixture {

struct RowBatch {
    Arena arena;
    std::size_t text_bytes = 0;
    std::vector<BoundRow> rows;

    bool is_full() const { return rows.size() >= 512 || text_bytes >= std::size_t{256} * 1024; }
    void clear() {
        arena.clear();
        text_bytes = 0;
        rows.clear();
    }
};

}  // namespace dbfixture
