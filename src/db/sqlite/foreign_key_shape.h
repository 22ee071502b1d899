// SPDX-License-Identifier: MIT
// Whether a foreign key is well formed in SQLite's sense (https://sqlite.org/foreignkeys.html#fk_indexes).
#pragma once

#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// Fills in the parent columns that were not written (the parent's primary key), and `problem` when SQLite would answer
// "foreign key mismatch" or the parent table does not exist.
void resolve_foreign_key(const Catalog& catalog, ForeignKey& key);

}  // namespace dbfixture::sqlite
