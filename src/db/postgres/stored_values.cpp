// SPDX-License-Identifier: MIT
#include "db/postgres/stored_values.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/cat.h"
#include "db/postgres/transaction.h"
#include "db/postgres/value_text.h"
#include "model/copy_value.h"

namespace dbfixture::postgres {
namespace {

constexpr Oid kPaddedText = 1042;  // bpchar
constexpr int kModifierHeader = 4;

bool passes(const ColumnFacts& column) {
    switch (column.form) {
        case ValueForm::kBoolean:
        case ValueForm::kInteger:
        case ValueForm::kBytes:
            return true;
        case ValueForm::kReal:
        case ValueForm::kDecimal:
        case ValueForm::kJsonb:
            return false;
        case ValueForm::kText:
            break;
    }
    constexpr Oid kText = 25, kVarchar = 1043, kName = 19, kJson = 114;
    return column.base_type == kText || column.base_type == kVarchar || column.base_type == kName ||
           column.base_type == kJson;
}

Value padded(const Value& value, int modifier, Arena& arena) {
    if (!value.has_text() || modifier < kModifierHeader) return value;
    const std::string_view text = value.as_text();
    const auto length = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
    const auto missing = modifier - kModifierHeader - length;
    if (missing <= 0) return value;
    const std::string filled = cat(text, std::string(static_cast<std::size_t>(missing), ' '));
    return Value::text(arena.copy(filled));
}

void cast(Session& session, std::span<const ColumnFacts* const> facts, std::span<Value* const> values, Arena& arena) {
    const std::size_t width = facts.size(), rows = values.size() / width;
    std::vector<Parameter> parameters(width, "{");
    for (std::size_t at = 0; at < values.size(); ++at) {
        std::string& array = *parameters[at % width];
        if (at >= width) array += ',';
        append_array_item(array, *values[at]);
    }
    std::string columns, arrays, names;
    for (std::size_t at = 0; at < width; ++at) {
        *parameters[at] += '}';
        const std::string_view comma = at == 0 ? "" : ", ";
        append(columns, cat(comma, "w.a", at, "::", facts[at]->type_name));
        append(arrays, cat(comma, "$", at + 1, "::text[]"));
        append(names, cat(comma, "a", at));
    }
    // What fails does not take the view along that it is a part of.
    std::optional<Savepoint> savepoint;
    if (session.in_transaction()) savepoint.emplace(session, "dbfixture_question");
    const Result result = session.run(
        cat("SELECT ", columns, " FROM unnest(", arrays, ") WITH ORDINALITY AS w(", names, ", n) ORDER BY w.n"),
        parameters);
    if (savepoint) savepoint->keep();
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t at = 0; at < width; ++at) {
            const int r = static_cast<int>(row), c = static_cast<int>(at);
            if (result.is_null(r, c)) continue;
            *values[row * width + at] = copy_value(read_value(facts[at]->form, result.text(r, c), arena), arena);
        }
    }
}

}  // namespace

void make_stored(Session& session, const TableFacts& facts, std::span<const std::uint16_t> columns,
                 std::span<Value> values, Arena& arena) {
    if (columns.empty()) return;
    std::vector<const ColumnFacts*> to_cast;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ColumnFacts& column = facts.columns[columns[i]];
        if (column.base_type == kPaddedText) {
            for (std::size_t at = i; at < values.size(); at += columns.size())
                values[at] = padded(values[at], column.type_modifier, arena);
        } else if (!passes(column)) {
            to_cast.push_back(&column);
            places.push_back(i);
        }
    }
    if (to_cast.empty()) return;
    std::vector<Value*> cells;
    for (std::size_t row = 0; row < values.size(); row += columns.size()) {
        for (const std::size_t place : places)
            cells.push_back(&values[row + place]);
    }
    cast(session, to_cast, cells, arena);
}

}  // namespace dbfixture::postgres
