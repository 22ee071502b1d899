// SPDX-License-Identifier: MIT
#include "layout/table/dump.h"

#include "base/text.h"
#include "fixture/json/text.h"

namespace dbfixture {
namespace {

// A text in a boolean column would be read back as a boolean (DESIGN 2), so it is written in its raw form. A decimal is
// a string, which no reader takes for a real.
Value raw_where_needed(const Value& value, ColumnType type) {
    if (value.kind() == ValueKind::kDecimal) return Value::text(value.as_text());
    if (type == ColumnType::kBoolean && value.kind() == ValueKind::kText)
        return Value::encoded_text(value.as_text(), TextEncoding::kUtf8);
    return value;
}

}  // namespace

bool keeps_json(const Column& column) {
    if (column.type == ColumnType::kBoolean || column.type == ColumnType::kInteger || column.type == ColumnType::kReal)
        return false;
    if (column.holds_json || column.type == ColumnType::kJson) return true;
    const std::string declared = to_lower(column.declared);
    const std::string first = declared.substr(0, declared.find_first_of(" ("));
    return first == "json" || first == "jsonb";
}

RecordPusher::RecordPusher(const Table& table, const std::vector<std::size_t>& columns, RecordWriter& writer,
                           bool with_key)
    : table_(table), writer_(writer) {
    record_.model = table.label();
    record_.has_key = with_key && table.key_kind != KeyKind::kNone;
    for (const std::size_t column : columns) {
        record_.fields.push_back({table.columns[column].name, {}, 0});
        types_.push_back(table.columns[column].type);
        if (keeps_json(table.columns[column])) json_fields_.push_back(types_.size() - 1);
    }
    if (record_.has_key) key_.resize(table.key.size());
    for (const std::size_t column : table.key) {
        const ColumnType type = table.columns[column].type;
        if (type == ColumnType::kUntyped || type == ColumnType::kBytes) record_.key_typed_by_column = false;
    }
}

void RecordPusher::take(const Row& row) {
    ++rows_;
    for (std::size_t i = 0; i < key_.size(); ++i)
        key_[i] = raw_where_needed(row.key[i], table_.columns[table_.key[i]].type);
    if (table_.key_kind == KeyKind::kHidden && record_.has_key) {
        record_.key = Value::integer(row.row_number.value_or(0));
    } else if (!key_.empty()) {
        record_.key = key_.size() == 1 ? key_[0] : Value::list(key_.data(), key_.size());
        record_.has_row_number = row.row_number.has_value();
        if (row.row_number) record_.row_number = Value::integer(*row.row_number);
    }
    for (std::size_t i = 0; i < types_.size(); ++i)
        record_.fields[i].value = raw_where_needed(row.values[i], types_[i]);
    if (!json_fields_.empty()) show_structures();
    writer_.write(record_);
}

// Texts that are JSON, as the lists and maps that they mean.
void RecordPusher::show_structures() {
    arena_.clear();
    for (const std::size_t i : json_fields_) {
        Value& value = record_.fields[i].value;
        if (value.kind() != ValueKind::kText) continue;
        if (const auto structure = json_structure(value.as_text(), arena_)) {
            value = *structure;
        } else if (types_[i] == ColumnType::kJson) {  // where a string would be a document of its own
            value = Value::json(value.as_text());
        }
    }
}

}  // namespace dbfixture
