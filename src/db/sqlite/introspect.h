// SPDX-License-Identifier: MIT
// Reads the schema of the main database. Left out: views, shadow tables of virtual tables, SQLite's own tables
// (sqlite_...), and attached and temporary schemas.
#pragma once

#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

Catalog read_catalog(Handle handle);

}  // namespace dbfixture::sqlite
