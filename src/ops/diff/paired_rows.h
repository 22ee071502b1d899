// SPDX-License-Identifier: MIT
// The rows of a database beside the records of a fixture, while that is read: records that come in key order and say
// just what the database holds are done with at once, and neither side has to be kept. Most of a fixture is like that.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "db/connection.h"
#include "ops/diff/row_sorter.h"
#include "ops/diff/table_slots.h"

namespace dbfixture {

class PairedRows {
  public:
    // Of an engine whose cursors nest. Both must outlive it.
    PairedRows(Connection& connection, const TableSlots& slots);

    // Whether a record with this key comes behind all that came before.
    bool is_next(std::string_view key) const { return records_ == 0 || last_key_ < key; }
    // Of a record that is next: true if the database has just this row.
    bool match(const StreamedRow& row);
    // Gives all rows for which match() was true, for a fixture that turns out not to be in order.
    void give_back(const std::function<void(const StreamedRow& row)>& use);
    // The rows of the database for which match() was not true, in order. Once, at the end.
    std::unique_ptr<RowStream> rest();

  private:
    class Rest;
    void advance() { more_ = rows_->next(next_); }

    Connection& connection_;
    const TableSlots& slots_;
    std::unique_ptr<RowStream> rows_;
    StreamedRow next_;
    bool more_ = false;
    std::string last_key_;  // of the last record
    std::uint64_t records_ = 0;
    RowSorter passed_;  // rows of the database that have no record like them
};

}  // namespace dbfixture
