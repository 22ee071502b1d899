// SPDX-License-Identifier: MIT
// Whether a foreign key is well formed in SQLite's sense (https://sqlite.org/foreignkeys.html#fk_indexes).
#pragma once

#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// Fills in the parent columns that were not written (the parent's primary key), and `problem` when SQLite would answer
// "foreign key mismatch" or the parent table does not exist.
void resolve_foreign_key(const Catalog& catalog, const TableFinder& finder, ForeignKey& key);

// The query of rows of `child` that refer to a row that is there; "" if the columns do not exist. It joins, so that it
// is fast even where the parent has no index for it.
std::string referring_rows(const Catalog& catalog, std::size_t child, std::size_t parent, const ForeignKey& key);

}  // namespace dbfixture::sqlite
