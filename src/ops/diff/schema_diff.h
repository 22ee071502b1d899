// SPDX-License-Identifier: MIT
// What two databases define differently, and where their sequences stand.
#pragma once

#include "db/connection.h"
#include "ops/diff/chosen_tables.h"
#include "ops/diff/result.h"

namespace dbfixture {

// Tables and columns by name. Where both are of one engine (`same_engine`), definitions too: of a table only if its
// columns do not tell, of what is no table only if everything is compared. Returns how many differences there are.
std::uint64_t compare_schemas(Connection& a, Connection& b, const ChosenTables& chosen, bool same_engine,
                              DiffSink& sink);

// Of tables that are on both sides.
std::uint64_t compare_sequences(Connection& a, Connection& b, const ChosenTables& chosen, DiffSink& sink);

}  // namespace dbfixture
