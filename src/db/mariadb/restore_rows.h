// SPDX-License-Identifier: MIT
// The rows of a database as a state has them, inside of a transaction that is REPEATABLE READ, with foreign keys off.
//
//  1. Every table is read as digests of its rows, which locks all of them and the places between (saved_scan.h):
//  whoever
//     has written to one and has not committed is waited for, and nobody writes until the end. Readers are not
//     hindered. Small tables are read before anything is known of the schema (find_small_differences()).
//  2. Where digests differ, the rows of those blocks are compared with the copy's. Rows that differ are deleted and put
//     in again, never updated: values of unique keys that moved between rows would collide.
//  3. Rows of tables that must not be written (triggers would fire, a failure would stay half done, history would be
//     made up, rows of other databases refer to them) are compared only; where one differs, nothing is restored.
//  4. Small tables are put back by statements that are sent all at once, and read once more.
//  5. Of others, what goes is counted off the digest of the table, what comes is counted on, as it is in the table by
//  then: in the
//     end it must be that of the state, and so must be the number of rows. So a copy that is not as it was saved is
//     noticed before COMMIT.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "db/mariadb/catalog.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/saved_write.h"

namespace dbfixture::mariadb {

// By the names of the small tables that the state has.
using SmallDifferences = std::map<std::string, TableDifference, std::less<>>;
SmallDifferences find_small_differences(Session& session, const std::string& database, const SavedManifest& manifest);

// How many rows were written. `firing`, unless it is nullptr, is given the tables that differ and must not be written
// only because of triggers; where there are any, nothing is written. Throws kRefused for rule 3, kInput for a state
// that is not as it was saved.
std::uint64_t restore_rows(Session& session, const LiveState& live, const SavedManifest& manifest,
                           const SmallDifferences& small, std::vector<std::string>* firing);

// Why a restore must not write to this table, as a sentence; "" if it may.
std::string why_not_written(const Catalog& catalog, std::size_t table);

}  // namespace dbfixture::mariadb
