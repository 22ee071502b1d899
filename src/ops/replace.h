// SPDX-License-Identifier: MIT
// loaddata --replace: empties tables inside the load.
//
//  1. The named tables are emptied before the first record, the others when the first record of theirs comes: fixtures
//     are streamed, and nothing knows before what they hold. What a layout writes as a part of a table's records
//     (the join table of a list, say) goes with it.
//  2. A natural key must not find a row that is still to be deleted: while fixtures are read it finds rows of emptied
//     tables only, and a record that needs another waits for the end of the load (Settler).
#pragma once

#include <vector>

#include "db/connection.h"
#include "layout/layout.h"
#include "layout/row_batch.h"
#include "ops/load.h"

namespace dbfixture {

class Replacer {
  public:
    // All must outlive it.
    Replacer(LoadSession& session, const Schema& schema) : session_(session), schema_(schema) {}

    // Throws kNotFound for a label that matches nothing.
    void empty_named(const Layout& layout, const LoadRequest& request);
    // Before the batch is written.
    void empty_tables_of(const RowBatch& batch);
    bool has_emptied(std::size_t table) const { return table < emptied_.size() && emptied_[table]; }

  private:
    void empty(std::size_t table);

    LoadSession& session_;
    const Schema& schema_;
    std::vector<bool> emptied_;
    std::vector<std::size_t> parts_;
};

}  // namespace dbfixture
