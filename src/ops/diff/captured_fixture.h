// SPDX-License-Identifier: MIT
// Fixtures as one side of a comparison: their rows as the database would hold them, in key order, out of memory.
//
//  1. Records are bound as a load would bind them, and settled by the layout, against a session that only takes down
//     what it is told to write (capture_session.h).
//  2. What a natural key stands for is looked up in the database and, where that does not have it, among the fixtures'
//     own rows.
//  3. Each value becomes what its column would hold (Connection::make_stored()).
//  4. A record that is in key order and equal to its row in the database on the other side is done (paired_rows.h).
//  5. Other rows with a key go to a sorter for each table; those without one stay in memory (unkeyed_rows.h), which
//  bounds
//     how many there may be.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "layout/layout.h"
#include "ops/bind_fixtures.h"
#include "ops/diff/paired_rows.h"
#include "ops/diff/row_sorter.h"
#include "ops/diff/table_slots.h"
#include "ops/diff/unkeyed_rows.h"

namespace dbfixture {

struct CaptureRequest {
    std::vector<FixtureInput> fixtures;
    Apps apps;
    std::vector<bool> excluded;  // by table: records that are passed over; empty: none
    IsCompared is_compared;
    bool pair = false;  // the other side is the database that says what the columns are
};

// What the fixtures say of one table.
struct CapturedTable {
    explicit CapturedTable(TableSlots which) : slots(std::move(which)) {}
    TableSlots slots;
    RowSorter rows;
    UnkeyedRows unkeyed;
    // Of a join table whose rows were given as lists of their owners: `rows` are pairs of owner and member, and for
    // each owner that has a list, a first one whose member is NULL. The columns are the slots'.
    bool is_lists = false;
    // The other side's rows, walked beside the records; then `rows` has only records that are not alike.
    std::unique_ptr<PairedRows> paired{};
    std::optional<std::int64_t> largest_key{};
};

class CapturedFixture {
  public:
    // Reads all of it. `connection` says what the columns are. Throws kInput with file and line.
    CapturedFixture(Connection& connection, const Layout& layout, const CaptureRequest& request);

    // nullptr where the fixtures have no record of it.
    CapturedTable* find(std::size_t table) { return tables_[table].get(); }
    const std::string& file(const Origin& origin) const { return files_[origin.file]; }
    std::uint64_t records() const { return records_; }
    const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    std::vector<std::unique_ptr<CapturedTable>> tables_;  // by table index
    std::vector<std::string> files_, warnings_;
    std::uint64_t records_ = 0;
};

}  // namespace dbfixture
