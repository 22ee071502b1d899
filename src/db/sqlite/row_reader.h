// SPDX-License-Identifier: MIT
// SELECT in key order, one row at a time.
#pragma once

#include "db/connection.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// The contract of Connection::read_rows.
void read_rows(Handle handle, const Catalog& catalog, const RowQuery& query, RowSink& sink);

}  // namespace dbfixture::sqlite
