// SPDX-License-Identifier: MIT
// Where a virtual table cannot be opened, SQLite may not know which ordinary tables it keeps its data in. They are told
// by their names (https://sqlite.org/vtab.html#xshadowname): "<table>_...", and they are tables that nobody else uses:
// without foreign keys, triggers, or references to them.
#pragma once

#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// Sets Table::belongs_to and Table::unreadable of such tables.
void mark_shadow_tables(Catalog& catalog);

}  // namespace dbfixture::sqlite
