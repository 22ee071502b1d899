// SPDX-License-Identifier: MIT
// What a layout does with one record of a fixture. Touches no database.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "layout/row_batch.h"
#include "model/record.h"
#include "model/schema.h"
#include "model/selection.h"

namespace dbfixture {

struct BindOptions {
    Apps apps;
    bool ignore_nonexistent = false;
    // Records are not to be loaded but say what rows are expected to hold: what they leave out stays open, with no
    // default in its place, and so may their key (RowAddress::kNumbered).
    bool comparing = false;
    std::vector<bool> excluded;      // by table index; empty: none
    std::vector<std::string> files;  // names for Origin::file
    // With it, every problem of a record is reported here and the record is left out, instead of the first being
    // thrown.
    std::function<void(const Error&)> on_problem{};
    // Called for a record that was left out so, with its key if that could be read.
    std::function<void(std::size_t table, std::span<const Value> key)> on_bad_record{};
    // The same, with those of its values that are right. They live during the call.
    std::function<void(const BoundRow& row)> on_bad_row{};
    std::vector<bool> text_only;  // by Origin::file: whose values are all text (Format::text_only); empty: none
};

struct BindCounts {
    std::uint64_t bound = 0;
    std::uint64_t excluded = 0;
    std::uint64_t ignored_records = 0;
    std::uint64_t ignored_fields = 0;
};

class RecordBinder {
  public:
    virtual ~RecordBinder() = default;
    // The table of records that bear this label; nullptr if they are not in this layout.
    virtual const Table* find(std::string_view label) = 0;
    // Whether a label has the form of this layout's, known or not.
    virtual bool claims(std::string_view label) const = 0;
    // The error for a label that claims() takes and find() does not know.
    virtual Error unknown(std::string_view label) const = 0;
    // Of a record whose label find() knows: appends its row to `batch`, unless it is excluded or ignored. Throws Error
    // (kInput) with line and column as far as known; the batch is then as before.
    virtual void bind(const Record& record, RowBatch& batch, BindCounts& counts) = 0;
    // Of a record that could not be read or bound: tells BindOptions::on_bad_record its key, if that is known and
    // right.
    virtual void note_bad(const Record& record) = 0;
    // What records left open.
    virtual std::vector<std::string> warnings() const { return {}; }
};

// Adds what is known of the record's place.
void add_place(Error& error, const Record& record, const Table* table, const std::vector<std::string>& files);

}  // namespace dbfixture
