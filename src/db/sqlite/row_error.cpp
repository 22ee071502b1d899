// SPDX-License-Identifier: MIT
#include <sqlite3.h>

#include <algorithm>
#include <limits>

#include "base/cat.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/load_context.h"
#include "db/sqlite/row_identity.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

// "NOT NULL constraint failed: t.a, t.b" -> a, b. A column's name may hold any character, so the schema decides where
// it ends.
std::vector<std::size_t> columns_named(const Table& table, std::string_view words) {
    std::vector<std::size_t> found;
    const std::size_t colon = words.find(": ");
    if (colon == std::string_view::npos) return found;
    words.remove_prefix(colon + 2);
    while (!words.empty()) {
        const std::string prefix = cat(table.name, ".");
        if (words.substr(0, prefix.size()) != prefix) return {};
        words.remove_prefix(prefix.size());
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const std::string& name = table.columns[i].name;
            const bool fits = words.substr(0, name.size()) == name &&
                              (words.size() == name.size() || words.substr(name.size(), 2) == ", ");
            if (fits && (!best || table.columns[*best].name.size() < name.size())) best = i;
        }
        if (!best) return {};
        found.push_back(*best);
        words.remove_prefix(std::min(words.size(), table.columns[*best].name.size() + 2));
    }
    return found;
}

void explain_unique(Error& error, const Table& table, const BoundRow& row, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    std::string values;
    for (const std::size_t column : columns) {
        names.push_back(table.columns[column].name);
        for (std::size_t i = 0; i < row.columns.size(); ++i) {
            if (row.columns[i] == column) append(values, cat(values.empty() ? "" : ", ", describe(row.values[i])));
        }
    }
    error.message = names.empty()
                        ? "another row has the same unique value"
                        : cat("another row has the same ", quote_list(names), values.empty() ? "" : cat(": ", values));
}

// SQLite answers as for a full disk when AUTOINCREMENT has given its last number.
bool is_at_its_end(const LoadContext& context, std::size_t index) {
    const Table& table = context.table(index);
    constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
    Statement largest(context.handle, largest_number(table, context.facts(index)));
    if (largest.step() && largest.column_int(0) == kLast) return true;
    if (!table.has_sequence()) return false;
    Statement sequence(context.handle, "SELECT max(seq) FROM main.sqlite_sequence WHERE name = ?1");
    sequence.bind(1, std::string_view(table.name));
    return sequence.step() && sequence.column_int(0) == kLast;
}

constexpr std::size_t kLongestDetail = 500;

}  // namespace

Error row_error(const LoadContext& context, const BoundRow& row, int code) {
    const Table& table = context.table(row.table);
    Error error = make_error(context.handle.database, code, cat("could not store the row in ", quote(table.name)));
    if (error.kind == ErrorKind::kBusy) return error;
    error.at(context.place(row.origin));
    error.where.table = table.name;
    error.where.key = describe_key(table, row);
    const std::vector<std::size_t> columns = columns_named(table, error.detail);
    if (!columns.empty()) {
        error.where.column = table.columns[columns[0]].name;
        for (std::size_t i = 0; i < row.columns.size(); ++i) {
            if (row.columns[i] == columns[0] && row.values[i].line() > 0) error.where.line = row.values[i].line();
        }
    }
    if (error.detail.size() > kLongestDetail) error.detail = quote(error.detail, kLongestDetail);  // 2,000 columns
    switch (code) {
        case SQLITE_CONSTRAINT_NOTNULL: {
            const bool given = std::any_of(row.columns.begin(), row.columns.end(), [&](std::uint16_t column) {
                return !columns.empty() && column == columns[0];
            });
            error.message = cat("column ", quote(error.where.column),
                                given ? " must not be null" : " is missing, must not be null and has no default");
            break;
        }
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            explain_unique(error, table, row, columns);
            break;
        case SQLITE_CONSTRAINT_CHECK:
            // "CHECK constraint failed: n > 0", or the name of the constraint.
            error.message = cat("the row breaks a check of table ", quote(table.name),
                                error.detail.substr(std::min(error.detail.find(": "), error.detail.size())));
            error.detail.clear();
            break;
        case SQLITE_FULL:
            if (row.address != RowAddress::kNumbered || !is_at_its_end(context, row.table)) break;
            error.kind = ErrorKind::kInput;
            error.message = cat("table ", quote(table.name), " has no number left for a new row");
            error.detail = "Its numbers have reached 9223372036854775807, the largest that there is.";
            error.hint = "give the record a \"pk\"";
            break;
        case SQLITE_CONSTRAINT_DATATYPE:
        case SQLITE_CONSTRAINT_TRIGGER:
        case SQLITE_MISMATCH:
            error.kind = ErrorKind::kInput;
            error.message = cat("table ", quote(table.name), " does not take the row: ", error.detail);
            error.detail.clear();
            break;
        default:
            break;
    }
    return error;
}

}  // namespace dbfixture::sqlite
