// SPDX-License-Identifier: MIT
// The table layout: records by table and column (DESIGN 2). It fits every database.
#pragma once

#include <memory>

#include "layout/layout.h"

namespace dbfixture {

std::unique_ptr<Layout> open_table_layout(Connection& connection, const LayoutConfig* config);

}  // namespace dbfixture
