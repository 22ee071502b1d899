// SPDX-License-Identifier: MIT
// The records of one load to rows, whatever their layout: a label that the database's own layout knows is in that one,
// any other in table layout. Adds their place to errors. Touches no database.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "layout/layout.h"
#include "layout/record_binder.h"
#include "layout/table/bind.h"

namespace dbfixture {

class Binder {
  public:
    // `schema` and `layout` must outlive the binder; rows point into the binder and into their batch.
    Binder(const Schema& schema, const Layout& layout, BindOptions options);
    Binder(const Binder&) = delete;
    Binder& operator=(const Binder&) = delete;
    ~Binder() = default;

    // Appends the row to `batch`, unless the record is excluded or ignored. Throws Error (kInput; kNotFound never: a
    // wrong name in a fixture is bad input), or reports it where problems are collected.
    void bind(const Record& record, RowBatch& batch);
    // For a record that could not be read whole: tells on_bad_record its key, if that is known and right.
    void note_bad(const Record& record);

    const BindCounts& counts() const { return counts_; }
    std::vector<std::string> warnings() const;

  private:
    BindOptions options_;
    BindCounts counts_;
    std::unique_ptr<RecordBinder> own_;  // of the database's layout; nullptr if that is the table layout
    TableBinder table_;
};

}  // namespace dbfixture
