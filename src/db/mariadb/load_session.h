// SPDX-License-Identifier: MIT
// Loading (connection.h, LoadSession): reference/mariadb.md, section 4.
#pragma once

#include <functional>
#include <memory>

#include "db/connection.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// `refresh` is called once, inside the transaction: reads the catalog again. With `scratch` the load is one of `check`,
// a part of a transaction that is always rolled back: commit() keeps it for that transaction alone.
std::unique_ptr<LoadSession> start_load(Session& session, const LoadOptions& options,
                                        const std::function<const Catalog&()>& refresh, bool scratch);

}  // namespace dbfixture::mariadb
