// SPDX-License-Identifier: MIT
// Counters (AUTO_INCREMENT) of a database as a state has them.
//
//  1. Setting one ends a transaction, so it is done after the COMMIT that puts the rows back. That transaction leaves a
//     row in the state's database, which goes when all counters stand as they should: who finds it there finishes what
//     a killed process, or others who had a table open, left.
//  2. A counter never goes below the largest number that is there: the server sees to that.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_session.h"

namespace dbfixture::mariadb {

// Rows that were put in and are not committed have raised counters already.
bool counters_differ(Session& session, const SavedManifest& manifest);
// In the transaction that puts the rows back: the counters come after it. `object`: the state's database.
void expect_counters(Session& session, const std::string& object);
// Returns the tables that others have open, whose counters stay. It waits once for them, then for nobody.
std::vector<std::string> put_counters_back(Session& session, const SavedManifest& manifest);
// Those of these databases of ours in which such a row is, for the database of the session.
std::set<std::string> find_expected(SavedSession& saved, const std::set<std::string>& objects);
// In the transaction of a restore of another state, whose counters are wanted from then on.
void forget_expected(Session& session, const std::set<std::string>& objects);
// Does so for what is left in these databases of ours, waiting for nobody. Appends to `said`.
void finish_counters(SavedSession& saved, const std::set<std::string>& objects, std::vector<std::string>& said);

}  // namespace dbfixture::mariadb
