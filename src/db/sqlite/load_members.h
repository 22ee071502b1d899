// SPDX-License-Identifier: MIT
// Sets of rows in join tables, replaced as a whole during a load (LoadSession::replace_members).
#pragma once

#include "db/sqlite/load_context.h"
#include "db/sqlite/load_foreign_keys.h"
#include "db/sqlite/statement.h"
#include "db/sqlite/table_loader.h"

namespace dbfixture::sqlite {

class MemberWriter {
  public:
    // All must outlive it; `loader` is the join table's.
    MemberWriter(LoadContext& context, TableLoader& loader, ForeignKeyCheck& foreign_keys, std::size_t table);

    std::size_t table() const { return table_; }
    // Afterwards the owner's rows are those of the set: missing ones are inserted, others deleted, and those that are
    // there stay as they are. Throws Error with the record's place.
    void replace(const MemberSet& set);

  private:
    void insert(const MemberSet& set, const Value& member);
    void remove(const MemberSet& set, std::int64_t rowid);

    LoadContext& context_;
    TableLoader& loader_;
    ForeignKeyCheck& foreign_keys_;
    std::size_t table_;
    Statement find_, read_, delete_;
};

// The number that SQLite would give to the next row.
std::int64_t next_number(LoadContext& context, std::size_t table);

}  // namespace dbfixture::sqlite
