// SPDX-License-Identifier: MIT
// LoadSession on SQLite: one IMMEDIATE transaction with foreign-key enforcement and triggers off.
#pragma once

#include <functional>
#include <memory>

#include "db/connection.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// `catalog` is called once, inside the transaction; what it refers to outlives the session, and is as current after the
// commit as it was. Throws Error (kBusy, kFailure).
std::unique_ptr<LoadSession> start_load(Handle handle, const LoadOptions& options,
                                        const std::function<Catalog&()>& catalog);

}  // namespace dbfixture::sqlite
