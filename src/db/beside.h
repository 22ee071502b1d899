// SPDX-License-Identifier: MIT
// Reading rows beside others, or while rows are looked up, on every engine: where cursors do not nest, the rows are
// read to their end first, into an unnamed temporary file, and come from there. Memory does not grow with them.
#pragma once

#include <memory>

#include "db/connection.h"

namespace dbfixture {

// As Connection::open_rows(); nothing of the connection is in use afterwards unless its cursors nest.
std::unique_ptr<RowCursor> open_rows_beside(Connection& connection, const RowQuery& query);

// As Connection::read_rows(), for a sink that asks the connection for other rows. `query.keys` may be given.
void read_rows_beside(Connection& connection, const RowQuery& query, RowSink& sink);

}  // namespace dbfixture
