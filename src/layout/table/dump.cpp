// SPDX-License-Identifier: MIT
#include "layout/table/dump.h"

namespace dbfixture {
namespace {

// A text in a boolean column would be read back as a boolean (DESIGN 2), so it is written in its raw form.
Value raw_where_needed(const Value& value, ColumnType type) {
    if (type == ColumnType::kBoolean && value.kind() == ValueKind::kText)
        return Value::encoded_text(value.as_text(), TextEncoding::kUtf8);
    return value;
}

}  // namespace

RecordPusher::RecordPusher(const Table& table, const std::vector<std::size_t>& columns, RecordWriter& writer)
    : table_(table), writer_(writer) {
    record_.model = table.name;
    record_.has_key = table.key_kind != KeyKind::kNone;
    for (const std::size_t column : columns) {
        record_.fields.push_back({table.columns[column].name, {}, 0});
        types_.push_back(table.columns[column].type);
    }
    key_.resize(table.key.size());
    for (const std::size_t column : table.key) {
        const ColumnType type = table.columns[column].type;
        if (type == ColumnType::kUntyped || type == ColumnType::kBytes) record_.key_typed_by_column = false;
    }
}

void RecordPusher::take(const Row& row) {
    ++rows_;
    for (std::size_t i = 0; i < key_.size(); ++i)
        key_[i] = raw_where_needed(row.key[i], table_.columns[table_.key[i]].type);
    if (table_.key_kind == KeyKind::kHidden) {
        record_.key = Value::integer(row.rowid.value_or(0));
    } else if (!key_.empty()) {
        record_.key = key_.size() == 1 ? key_[0] : Value::list(key_.data(), key_.size());
        record_.has_rowid = row.rowid.has_value();
        if (row.rowid) record_.rowid = Value::integer(*row.rowid);
    }
    for (std::size_t i = 0; i < types_.size(); ++i)
        record_.fields[i].value = raw_where_needed(row.values[i], types_[i]);
    writer_.write(record_);
}

}  // namespace dbfixture
