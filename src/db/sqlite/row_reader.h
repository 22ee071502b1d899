// SPDX-License-Identifier: MIT
// SELECT in key order, one row at a time.
#pragma once

#include "db/connection.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// The contract of Connection::read_rows.
void read_rows(Handle handle, const Catalog& catalog, const RowQuery& query, RowSink& sink);

std::unique_ptr<RowCursor> open_rows(Handle handle, const Catalog& catalog, const RowQuery& query);
std::unique_ptr<RowLookup> open_lookup(Handle handle, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns);

}  // namespace dbfixture::sqlite
