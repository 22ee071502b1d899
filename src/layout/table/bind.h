// SPDX-License-Identifier: MIT
// Record to row: finds the table and the columns, types every value, settles how the row is addressed. All errors that
// the schema alone can show arise here, each with its place. Touches no database.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "layout/row_batch.h"
#include "model/record.h"
#include "model/schema.h"
#include "model/selection.h"

namespace dbfixture {

class DjangoBinder;
class DjangoModels;

struct BindOptions {
    Apps apps;
    bool ignore_nonexistent = false;
    std::vector<bool> excluded;      // by table index; empty: none
    std::vector<std::string> files;  // names for Origin::file
    // With it, every problem of a record is reported here and the record is left out, instead of the first being
    // thrown.
    std::function<void(const Error&)> on_problem;
    // Called for a record that was left out so, with its key if that could be read.
    std::function<void(std::size_t table, std::span<const Value> key)> on_bad_record;
    std::vector<bool> xml_files;  // by Origin::file: whose values are all text; empty: none
    const DjangoModels* django = nullptr;
};

struct BindCounts {
    std::uint64_t bound = 0;
    std::uint64_t excluded = 0;
    std::uint64_t ignored_records = 0;
    std::uint64_t ignored_fields = 0;
};

class Binder {
  public:
    // `schema` must outlive the binder; rows point into the binder (column lists) and into their batch.
    Binder(const Schema& schema, BindOptions options);
    ~Binder();
    Binder(const Binder&) = delete;
    Binder& operator=(const Binder&) = delete;

    // Appends the row to `batch`, unless the record is excluded or ignored. Throws Error (kInput; kNotFound never: a
    // wrong name in a fixture is bad input).
    void bind(const Record& record, RowBatch& batch);
    // For a record that could not be read whole: tells on_bad_record its key, if that is known and right.
    void note_bad(const Record& record);

    const BindCounts& counts() const { return counts_; }
    // What Django records left open, as warnings.
    std::vector<std::string> warnings() const;

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
    };
    struct TableBinder {
        std::deque<Shape> shapes;
        const Shape* last = nullptr;
    };

    std::size_t find_table(const Record& record);
    RowAddress address_of(const Record& record, const Table& table) const;
    const Shape& shape_for(const Record& record, const Table& table, TableBinder& binder, bool with_key);
    void fail(Error error, const Record& record, const Table* table) const;
    bool bind_fields(const Record& record, const Table& table, const Shape& shape, Value* values,
                     RowBatch& batch) const;
    bool has_required_values(const Record& record, const Table& table, const Shape& shape, const Value* values) const;
    void keep(const Record& record, std::size_t index, RowAddress address, const Shape& shape, Value* values,
              RowBatch& batch);
    Shape make_shape(const Record& record, const Table& table, bool with_key) const;
    void bind_key(const Record& record, const Table& table, const Shape& shape, Value* values, RowBatch& batch) const;
    void add_place(Error& error, const Record& record, const Table* table) const;

    const Schema& schema_;
    BindOptions options_;
    BindCounts counts_;
    std::vector<TableBinder> tables_;
    Shape faulty_shape_;
    std::unique_ptr<DjangoBinder> django_;
    std::string last_model_;
    std::size_t last_table_ = 0;
};

}  // namespace dbfixture
