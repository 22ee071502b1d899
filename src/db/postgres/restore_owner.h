// SPDX-License-Identifier: MIT
// Writing rows without the replica role: the owner's rungs of the ladder (ladder.h). Foreign keys of the tables that
// are written, and those that lead to them, are dropped and added again, or deferred; triggers are silent. Open readers
// of these tables are waited for.
#pragma once

#include <vector>

#include "db/postgres/ladder.h"
#include "db/postgres/load_context.h"
#include "db/postgres/reference.h"
#include "db/postgres/restore_table.h"

namespace dbfixture::postgres {

class OwnerRungs {
  public:
    // Throws kRefused for what this role cannot keep from acting, kBusy.
    OwnerRungs(Session& session, const std::vector<RestoreTable*>& tables);
    // The tables, those that are referred to before those that refer to them.
    const std::vector<RestoreTable*>& parents_first() const { return order_; }
    // After the last row.
    void put_back();

  private:
    void prepare(const std::vector<RestoreTable*>& tables);

    Catalog catalog_;
    LoadOptions options_{};
    LoadContext context_;
    std::vector<Reference> references_;
    Ladder ladder_;
    std::vector<RestoreTable*> order_;
};

}  // namespace dbfixture::postgres
