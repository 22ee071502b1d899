// SPDX-License-Identifier: MIT
// Rows as records in table layout (DESIGN 2), one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/arena.h"
#include "db/connection.h"
#include "fixture/format.h"

namespace dbfixture {

// Whether the column is there for JSON: declared so ("json", "JSONB NOT NULL"), or held to it by a constraint.
bool keeps_json(const Column& column);

class RecordPusher final : public RowSink {
  public:
    // `columns`: those of the rows, in their order. All arguments must outlive the pusher. `with_key`: false for rows
    // that the database is to number.
    RecordPusher(const Table& table, const std::vector<std::size_t>& columns, RecordWriter& writer,
                 bool with_key = true);

    void take(const Row& row) override;
    std::uint64_t rows() const { return rows_; }

  private:
    void show_structures();

    const Table& table_;
    RecordWriter& writer_;
    Record record_;
    std::vector<ColumnType> types_;
    std::vector<std::size_t> json_fields_;  // of columns that are there for JSON
    std::vector<Value> key_;
    Arena arena_;
    std::uint64_t rows_ = 0;
};

}  // namespace dbfixture
