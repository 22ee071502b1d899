// SPDX-License-Identifier: MIT
// Takes the CREATE INDEX indexes of a table that was empty away while many rows go in, and builds them again at the
// end: sorting once is several times faster than inserting in random order (DESIGN 12). All inside the load's
// transaction.
//
//  1. Only indexes on plain columns without WHERE: nothing but uniqueness can fail when they are built again.
//  2. Uniqueness then holds for the final state, which is what a load promises; a violation is traced back to its
//  record.
//  3. DROP INDEX forgets the planner's statistics (sqlite_stat1, sqlite_stat4); they are kept and put back.
#pragma once

#include <vector>

#include "db/sqlite/load_context.h"

namespace dbfixture::sqlite {

class IndexPause {
  public:
    explicit IndexPause(LoadContext& context) : context_(context) {}

    // No statement that reads or writes the table may be active.
    void drop(std::size_t table);
    // Builds the indexes of one table that were dropped, before the end.
    void restore(std::size_t table);
    // Builds what was dropped, in the order of creation. Throws Error (kInput) naming the record that breaks a unique
    // index.
    void rebuild();

  private:
    struct Dropped {
        std::size_t table;
        const Index* index;
    };
    void build(const Dropped& dropped);
    void keep_statistics(const Index& index);
    Error unique_violation(const Dropped& dropped, int code);

    LoadContext& context_;
    std::vector<Dropped> dropped_;
    bool keeps_stat1_ = false, keeps_stat4_ = false;
};

}  // namespace dbfixture::sqlite
