// SPDX-License-Identifier: MIT
// DEFERRABLE unique, primary-key and exclusion constraints, checked by query at the end of a load: under the replica
// role the server checks none of them, and elsewhere it could not say which record broke one.
#pragma once

#include <optional>

#include "db/postgres/load_context.h"
#include "db/postgres/load_foreign_keys.h"

namespace dbfixture::postgres {

// The error for two rows that have the same values in a unique index's columns, which is being built again; nothing if
// there are none.
std::optional<Error> unique_violation(LoadContext& context, ForeignKeyCheck& rows, std::size_t table,
                                      const IndexFacts& index);

// Throws Error (kInput) that names the record, or reports it to on_problem.
void check_deferred_constraints(LoadContext& context, ForeignKeyCheck& rows, std::size_t table);

}  // namespace dbfixture::postgres
