// SPDX-License-Identifier: MIT
#include "db/sqlite/row_equality.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <string>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

// The same text for numbers that SQLite compares as equal.
std::string number_text(double number) {
    if (number >= -9223372036854775808.0 && number < 9223372036854775808.0 && std::trunc(number) == number)
        return cat("n", static_cast<std::int64_t>(number));
    std::string out = "r";
    if (std::isfinite(number)) {
        append_real(out, number);
    } else {
        out += number < 0 ? "-inf" : "inf";
    }
    return out;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The number that an affinity makes of a text; nothing if it stays a text.
std::optional<std::string> number_in(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
    const char* const end = text.data() + text.size();
    if (std::int64_t whole = 0; std::from_chars(text.data(), end, whole).ptr == end && !text.empty())
        return cat("n", whole);
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;  // "inf", "nan"
    double number = 0;
    const auto parsed = std::from_chars(text.data(), end, number);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number_text(number);
}

std::string text_under(std::string_view text, std::string_view collation) {
    if (equals_ignore_case(collation, "NOCASE")) return to_lower(text);
    while (equals_ignore_case(collation, "RTRIM") && !text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return std::string(text);
}

std::string canonical(const Value& value, ColumnType type, std::string_view collation) {
    const bool numeric = type == ColumnType::kInteger || type == ColumnType::kReal || type == ColumnType::kNumeric ||
                         type == ColumnType::kBoolean;
    switch (value.kind()) {
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return cat(type == ColumnType::kText ? "t" : "n", value.as_integer());
        case ValueKind::kReal:
            return number_text(value.as_real());
        case ValueKind::kBytes:
            return cat("b", value.as_text());
        default:
            break;
    }
    if (numeric) {
        if (auto number = number_in(value.as_text())) return *number;
    }
    return cat("t", text_under(value.as_text(), collation));
}

std::uint64_t hash_of(std::size_t table, std::string_view what) {
    return std::hash<std::string>()(cat(table, "|", what));
}

}  // namespace

std::optional<std::uint64_t> row_identity(const Table& table, const TableFacts& facts, const BoundRow& row) {
    if (row.address == RowAddress::kRowNumber) return hash_of(row.table, cat("rowid ", row.row_number));
    if (row.address != RowAddress::kKey) return std::nullopt;
    std::string all;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        const auto given = std::lower_bound(row.columns.begin(), row.columns.end(), table.key[i]);
        if (given == row.columns.end() || *given != table.key[i]) return std::nullopt;
        const Value& value = row.values[static_cast<std::size_t>(given - row.columns.begin())];
        if (value.is_null()) return std::nullopt;
        const std::string part = canonical(value, table.columns[table.key[i]].type,
                                           facts.key_compares.empty() ? std::string_view() : facts.key_compares[i]);
        append(all, cat(part.size(), ":", part));
    }
    return hash_of(row.table, all);
}

}  // namespace dbfixture::sqlite
