// SPDX-License-Identifier: MIT
// Takes indexes of a table that was empty away while many rows go in, and builds them again at the end: sorting once is
// several times faster than inserting in random order (DESIGN 12). All inside the load's transaction.
//
//  1. Only where this role owns the table, only indexes on plain columns: nothing but uniqueness can fail when they are
//     built again. Not the one that the table's key is, nor one that a foreign key or a constraint needs. Not with
//     --triggers: these may look for rows.
//  2. Uniqueness then holds for the final state, which is what a load promises; a violation is traced back to its
//     record.
//  3. DROP INDEX forgets the replica identity, the CLUSTER mark, a comment and statistics targets: an index that has
//  any
//     of them stays, as does one in a tablespace of its own, an invalid one, and all of partitioned tables.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "db/postgres/load_context.h"
#include "db/postgres/load_foreign_keys.h"

namespace dbfixture::postgres {

class IndexPause {
  public:
    IndexPause(LoadContext& context, ForeignKeyCheck& rows) : context_(context), rows_(rows) {}

    // Whether rows of the table must be found again by their keys.
    bool may_drop_unique(std::size_t table) const;
    void drop(std::size_t table);
    // The indexes of one table, before the end; it keeps them from then on. While checks of its rows are pending
    // (deferred constraints), the server builds none: these wait for the end.
    void keep(std::size_t table);
    // Once no check is pending.
    void rebuild();

  private:
    struct Dropped {
        std::size_t table;
        const IndexFacts* index;
        std::string definition;
    };
    bool may_go(std::size_t table, const IndexFacts& index) const;
    bool may_drop_any(std::size_t table) const;
    void build(const Dropped& dropped);

    LoadContext& context_;
    ForeignKeyCheck& rows_;
    std::vector<Dropped> dropped_;
    std::set<std::size_t> kept_;
};

}  // namespace dbfixture::postgres
