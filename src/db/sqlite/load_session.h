// SPDX-License-Identifier: MIT
// LoadSession on SQLite: one IMMEDIATE transaction with foreign-key enforcement and triggers off.
//
//  1. The switches are thrown before the first row and put back when the session ends; the catalog is read again inside
//     the transaction.
//  2. A table has a loader (table_loader.h) from its first row on, so tables that no record names cost nothing.
//  3. Without on_problem the first bad row ends the load. With it, a bad row is reported and left out, and is no second
//     problem: neither what it refers to nor what refers to it is missed. Anything but kInput ends the load all the
//     same.
//  4. finish() goes in this order: rows that were set aside are tried again, which may still change any table; indexes
//     come back, which tells of rows that collide; foreign keys are checked, on what the tables hold now; full-text
//     indexes are made anew from content that changed; sequences follow the largest numbers; then the warnings.
//  5. Before commit() nothing lasts: without it the transaction rolls back, and the temporary tables with it. commit()
//     drops them, and notes the schema's version, which indexes that went and came back have raised.
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
