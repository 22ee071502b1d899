// SPDX-License-Identifier: MIT
// Reading rows and looking them up: connection.h says what is asked. One statement of the session is in use while rows
// are read, none between the calls of a look-up.
#pragma once

#include <memory>
#include <span>

#include "db/connection.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

void read_rows(Session& session, const Catalog& catalog, const RowQuery& query, RowSink& sink);
std::unique_ptr<RowCursor> open_rows(Session& session, const Catalog& catalog, const RowQuery& query);
std::unique_ptr<RowLookup> open_lookup(Session& session, const Catalog& catalog, std::size_t table,
                                       std::span<const std::size_t> by, std::span<const std::size_t> columns);

// Throws kFailure, by name, for a table that cannot be read.
void require_readable(const Table& table);

}  // namespace dbfixture::mariadb
