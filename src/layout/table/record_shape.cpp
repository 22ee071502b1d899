// SPDX-License-Identifier: MIT
#include "layout/record_shape.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "layout/table/dump.h"

namespace dbfixture {
namespace {

std::string references_of(const Table& table, std::size_t column, const Schema& schema) {
    std::string out;
    for (const ForeignKey& key : table.foreign_keys) {
        const auto at = std::find(key.columns.begin(), key.columns.end(), column);
        if (at == key.columns.end()) continue;
        const auto index = static_cast<std::size_t>(at - key.columns.begin());
        append(out, cat(", refers to ", key.parent ? schema.tables[*key.parent].label() : key.parent_name));
        if (index < key.parent_columns.size()) append(out, cat("(", key.parent_columns[index], ")"));
    }
    return out;
}

FieldShape field_of(const Schema& schema, const Table& table, std::size_t index) {
    const Column& column = table.columns[index];
    FieldShape field;
    field.name = column.name;
    field.values = shapes_of(column) | (column.nullable ? kNullShape : 0U);
    field.required = !column.nullable && !column.default_text && !column.has_sequence;
    field.description = describe_column(table, index, schema);
    return field;
}

}  // namespace

ValueShapes shapes_of(const Column& column) {
    if (keeps_json(column)) return kAnyShape & ~kNullShape;
    switch (column.type) {
        case ColumnType::kUntyped:
            return kAnyShape;
        case ColumnType::kBoolean:
            return kBooleanShape | (column.strict ? 0U : kIntegerShape);
        case ColumnType::kInteger:
        case ColumnType::kUnsigned:
            return kIntegerShape;
        case ColumnType::kReal:
            return kNumberShape | kFormShape;
        case ColumnType::kNumeric:
        case ColumnType::kDecimal:
            return kNumberShape | kTextShape | kFormShape;
        case ColumnType::kText:
            return kNumberShape | kTextShape | kFormShape;
        case ColumnType::kBytes:  // YAML's !!binary is a text to most editors
            return kTextShape | kFormShape;
        case ColumnType::kJson:
            return kAnyShape;
        default:
            return kNumberShape | kTextShape;
    }
}

std::string describe_column(const Table& table, std::size_t index, const Schema& schema) {
    const Column& column = table.columns[index];
    std::string out = column.declared.empty() ? "any type" : column.declared;
    if (!column.nullable) append(out, " NOT NULL");
    if (column.default_text) append(out, cat(", default ", *column.default_text));
    return out + references_of(table, index, schema);
}

RecordShape table_shape(const Schema& schema, std::size_t index) {
    const Table& table = schema.tables[index];
    RecordShape shape;
    shape.label = table.label();
    shape.table = index;
    shape.has_key = table.key_kind != KeyKind::kNone;
    shape.key_required = !table.numbers_rows && table.key_kind == KeyKind::kDeclared;
    if (table.key_kind == KeyKind::kHidden) {
        FieldShape number;
        number.values = kIntegerShape | kNullShape;
        number.description = "the number of the row";
        shape.key.push_back(number);
    }
    for (const std::size_t column : table.key) {
        shape.key.push_back(field_of(schema, table, column));
        shape.key.back().values |= table.numbers_rows ? kNullShape : 0U;
    }
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (!table.columns[column].generated && !table.is_key_column(column))
            shape.fields.push_back(field_of(schema, table, column));
    }
    return shape;
}

}  // namespace dbfixture
