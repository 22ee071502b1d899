// SPDX-License-Identifier: MIT
// Loading (connection.h, LoadSession) by the ladder of privileges of reference/postgresql.md, section 4.
#pragma once

#include <functional>
#include <memory>

#include "db/connection.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// `refresh` is called once, inside the transaction: reads the catalog again if it changed. With `scratch` the load is
// one of `check`: commit() is never called, and what cannot be rolled back is left alone.
std::unique_ptr<LoadSession> start_load(Session& session, const LoadOptions& options,
                                        const std::function<Catalog&()>& refresh, bool scratch);

}  // namespace dbfixture::postgres
