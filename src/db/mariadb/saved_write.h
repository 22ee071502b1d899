// SPDX-License-Identifier: MIT
// Filling a state of kind "copy".
//
//  1. Copies are one view: each is filled by INSERT ... SELECT in one transaction (in_locking_transaction()), which
//     locks the rows that it reads until its end. When the last table is locked, all are as they were read.
//  2. Making a copy ends a transaction: a second session does it. What does not lock cannot read a table that was made
//     since the transaction's first such read: nothing does before all are made.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "db/mariadb/catalog.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// A database as it is now.
struct LiveState {
    std::string database;
    Catalog catalog;
    std::vector<SchemaObject> objects;
};
// Of the session's database. Throws kFailure for a table that cannot be read.
LiveState read_live(Session& session);
std::string sql_name(const LiveState& live, std::size_t table);
// What counters say, by table. Empty for one that numbers nothing.
std::map<std::string, std::uint64_t, std::less<>> next_numbers(Session& session);

// Throws kBusy where the schema is not any more what it was: under the locks of a transaction it then stays so.
void require_still(Session& session, const LiveState& live);

class StateWriter {
  public:
    // `definer` is not the session of the transaction.
    StateWriter(SavedSession& definer, std::string object) : definer_(definer), object_(std::move(object)) {}

    // Rows of `source`, quoted, which has the columns of this table. `session` is in the transaction.
    SavedTable copy(Session& session, int number, const Table& table, const TableFacts& facts,
                    const std::string& source);
    // The same of a copy that another state has.
    SavedTable copy(Session& session, int number, const SavedTable& saved);
    // Their checksums, once all copies are made.
    void sum_up(Session& session, std::vector<SavedTable>& tables) const;

  private:
    void fill(Session& session, SavedTable& out, const std::string& sql, const std::string& definition);

    SavedSession& definer_;
    std::string object_;
    std::set<int> made_{};
};

}  // namespace dbfixture::mariadb
