// SPDX-License-Identifier: MIT
// Records in table layout to rows: finds the table and the columns, types every value, settles how the row is
// addressed. All errors that the schema alone can show arise here.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "layout/record_binder.h"

namespace dbfixture {

class TableBinder final : public RecordBinder {
  public:
    // All must outlive the binder; rows point into the binder (column lists) and into their batch. `other`: the binder
    // of the layout beside this one, which is asked first what a label means; nullptr: there is none.
    TableBinder(const Schema& schema, const BindOptions& options, const RecordBinder* other);

    const Table* find(std::string_view label) override;
    bool claims(std::string_view) const override { return true; }
    Error unknown(std::string_view label) const override;
    // Of any record: throws for one whose label no table has.
    void bind(const Record& record, RowBatch& batch, BindCounts& counts) override;
    void note_bad(const Record& record) override;

  private:
    // What the field names of a record mean for a table; records in a row nearly always share one.
    struct Shape {
        bool with_key = false;
        std::vector<std::string> names;
        std::vector<int> slots;  // parallel to names: index into columns, or -1 for a field that is ignored
        std::vector<int> key_slots;
        std::vector<std::uint16_t> columns;
        std::size_t ignored = 0;
        bool faulty = false;  // some field names are wrong, and were reported
        bool kept = false;    // for the binder's life
    };
    // Records that leave out what is empty have nearly as many shapes as there are records: only so many are
    // remembered, found by their names once there are more than a few.
    static constexpr std::size_t kFewShapes = 8;
    static constexpr std::size_t kMostShapes = 1000;
    struct TableShapes {
        std::deque<Shape> shapes;
        std::unordered_map<std::string, const Shape*> by_names;
        const Shape* last = nullptr;
    };

    const Table& require(const Record& record);
    RowAddress address_of(const Record& record, const Table& table) const;
    const Shape& shape_for(const Record& record, const Table& table, TableShapes& shapes, bool with_key);
    void fail(Error error, const Record& record, const Table* table) const;
    void require_open(const Table& table) const;
    bool bind_fields(const Record& record, const Table& table, const Shape& shape, Value* values, RowBatch& batch,
                     std::vector<std::uint16_t>& bad) const;
    void note_bad_row(const Record& record, RowAddress address, const Shape& shape, const Value* values,
                      const std::vector<std::uint16_t>& bad) const;
    bool has_required_values(const Record& record, const Table& table, const Shape& shape, const Value* values) const;
    void keep(const Record& record, RowAddress address, const Shape& shape, Value* values, RowBatch& batch) const;
    Shape make_shape(const Record& record, const Table& table, bool with_key) const;
    static void bind_key(const Record& record, const Table& table, const Shape& shape, Value* values, RowBatch& batch);

    const Schema& schema_;
    const BindOptions& options_;
    const RecordBinder* other_;
    std::vector<TableShapes> tables_;
    Shape passing_shape_;  // one that is not remembered
    std::string last_label_;
    const Table* last_table_ = nullptr;
};

}  // namespace dbfixture
