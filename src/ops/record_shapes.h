// SPDX-License-Identifier: MIT
// inspect --json-schema: what the records of this database's fixtures look like.
#pragma once

#include <vector>

#include "db/connection.h"
#include "layout/layout.h"

namespace dbfixture {

// Of those of `tables` that dumps write, in that order. With `by_rows` all rows are read, and a column that holds what
// its type does not say is described with it: an engine may keep whatever it is given. Call inside a ReadView.
std::vector<RecordShape> record_shapes(Connection& connection, const Layout& layout,
                                       const std::vector<std::size_t>& tables, bool by_rows);

}  // namespace dbfixture
