// SPDX-License-Identifier: MIT
#include "db/mariadb/row_failure.h"

#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kLongestDetail = 500;

std::optional<std::size_t> column_of(const Table& table, std::string_view name) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (same_name(table.columns[i].name, name, NameRule::kIgnoresCase)) return i;
    }
    return std::nullopt;
}

// The last name in quotes of this kind: "Column 'x' cannot be null", "... for column `d`.`t`.`x` at row 1".
std::string_view last_quoted(std::string_view words, char mark) {
    const std::size_t end = words.rfind(mark);
    if (end == std::string_view::npos || end == 0) return {};
    const std::size_t begin = words.rfind(mark, end - 1);
    return begin == std::string_view::npos ? std::string_view() : words.substr(begin + 1, end - begin - 1);
}

// The values in the words come before the column, and may hold quotes of any kind.
std::optional<std::size_t> blamed_column(const Table& table, const ServerError& error) {
    std::string_view words = error.words;
    if (const std::size_t row = words.rfind(" at row "); row != std::string_view::npos) words = words.substr(0, row);
    for (const char mark : {'\'', '`'}) {
        if (!words.empty() && words.back() == mark) {
            if (const auto found = column_of(table, last_quoted(words, mark))) return found;
        }
    }
    if (error.number == kNullValue || error.number == kNoDefault) return column_of(table, last_quoted(words, '\''));
    return std::nullopt;
}

// "Duplicate entry '1' for key 'u'"; MySQL says "t.u".
const IndexFacts* blamed_index(const LoadContext& context, const SentRow& row, const ServerError& error) {
    std::string_view name = last_quoted(error.words, '\'');
    const std::string before = cat(context.table(row.table).name, ".");
    for (int twice = 0; twice < 2; ++twice) {
        for (const IndexFacts& index : context.facts(row.table).indexes) {
            if (index.name == name) return &index;
        }
        if (name.starts_with(before)) name.remove_prefix(before.size());
    }
    return nullptr;
}

void explain_unique(const LoadContext& context, const SentRow& row, const ServerError& error, Error& out) {
    const Table& table = context.table(row.table);
    const IndexFacts* const index = blamed_index(context, row, error);
    out.detail.clear();
    if (index == nullptr || index->columns.empty()) {
        out.message = cat("another row has the same unique value (", quote(last_quoted(error.words, '\'')), ")");
        return;
    }
    std::vector<std::string> names;
    std::string values;
    for (const std::size_t column : index->columns) {
        names.push_back(table.columns[column].name);
        if (const Value* const value = row.find(column))
            append(values, cat(values.empty() ? "" : ", ", describe(*value)));
    }
    out.where.column = names[0];
    out.message = cat("another row has the same ", quote_list(names), values.empty() ? "" : ": ", values);
}

}  // namespace

std::string value_text(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return cat(value.as_integer());
        case ValueKind::kUnsigned:
            return cat(value.as_unsigned());
        case ValueKind::kReal: {
            std::string out;
            append_real(out, value.as_real());
            return out;
        }
        case ValueKind::kNull:
        case ValueKind::kList:
        case ValueKind::kMap:
            return {};
        default:
            return std::string(value.as_text());
    }
}

std::string describe_text(const LoadContext& context, std::size_t table, std::size_t column, std::string_view text) {
    switch (context.facts(table).columns[column].form) {
        case ValueForm::kBoolean:
        case ValueForm::kInteger:
        case ValueForm::kUnsigned:
        case ValueForm::kYear:
        case ValueForm::kFloat:
        case ValueForm::kReal:
        case ValueForm::kDecimal:
            return std::string(text);
        case ValueForm::kBit:
        case ValueForm::kBytes:
            return describe(Value::bytes(text));
        default:
            return describe(Value::text(text));
    }
}

std::string describe_key(const LoadContext& context, std::size_t table, const std::vector<std::string>& key) {
    const Table& of = context.table(table);
    if (key.empty()) return {};
    std::string out = key.size() == 1 ? "pk=" : "pk=[";
    for (std::size_t i = 0; i < key.size(); ++i)
        append(out, cat(i == 0 ? "" : ", ", describe_text(context, table, of.key[i], key[i])));
    return key.size() == 1 ? out : out + "]";
}

std::string describe_key(const LoadContext& context, const SentRow& row) {
    const auto key = key_of(context, row);
    if (!key) return {};
    std::vector<std::string> texts;
    for (const Value& value : *key)
        texts.push_back(value_text(value));
    return describe_key(context, row.table, texts);
}

Error place_error(const LoadContext& context, const SentRow& row, Error error) {
    Where place = context.place(row.origin);
    place.column = error.where.column;
    if (error.where.line > 0) place.line = error.where.line;
    place.table = context.table(row.table).label();
    place.key = describe_key(context, row);
    error.where = place;
    return error;
}

Error row_failure(const LoadContext& context, const SentRow& row, const ServerError& error) {
    if (error.kind != ErrorKind::kInput) return error;
    const Table& table = context.table(row.table);
    Error out = error;
    out.at(context.place(row.origin));
    out.where.table = table.label();
    out.where.key = describe_key(context, row);
    std::optional<std::size_t> blamed;
    if (error.number == kDuplicateKey || error.number == kDuplicateKeyNamed) {
        explain_unique(context, row, error, out);
    } else if (error.number == kCheck || error.number == kCheckOfMySql) {
        out.detail.clear();
        out.message = cat("the row breaks a check of table ", quote(table.label()), ": ",
                          error.number == kCheck ? last_quoted(error.words.substr(0, error.words.find(" failed")), '`')
                                                 : last_quoted(error.words, '\''));
    } else if ((blamed = blamed_column(table, error))) {
        const std::string& name = table.columns[*blamed].name;
        out.where.column = name;
        out.detail.clear();
        if (error.number == kNullValue || error.number == kNoDefault) {
            out.message = cat("column ", quote(name),
                              row.find(*blamed) != nullptr ? " must not be null"
                                                           : " is missing, must not be null and has no default");
        } else if (const auto& members = context.facts(row.table).columns[*blamed].members;
                   error.number == kDataTruncated && !members.empty() && row.find(*blamed) != nullptr) {
            out.message = cat("column ", quote(name), " cannot hold ", describe(*row.find(*blamed)),
                              ": it is none of its members");
            out.hint = cat("its members are ", printable(quote_list(members), kLongestDetail));
        } else {
            // "Incorrect datetime value: '...' for column `d`.`t`.`c` at row 1"
            const std::string_view said = error.words;
            out.message = cat("column ", quote(name), " does not take the value: ",
                              said.substr(0, std::min(said.rfind(" for column "), said.rfind(" at row "))));
        }
    } else {
        out.detail.clear();
        out.message = cat("table ", quote(table.label()), " does not take the row: ", error.words);
    }
    const auto column = out.where.column.empty() ? std::nullopt : column_of(table, out.where.column);
    const Value* const value = column ? row.find(*column) : nullptr;
    if (value != nullptr && value->line() > 0 && out.where.line > 0) out.where.line = value->line();
    if (out.message.size() > kLongestDetail) out.message = printable(out.message, kLongestDetail);
    return out;
}

}  // namespace dbfixture::mariadb
