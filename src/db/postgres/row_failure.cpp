// SPDX-License-Identifier: MIT
#include "db/postgres/row_failure.h"

#include <algorithm>
#include <charconv>

#include "base/arena.h"
#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kLongestDetail = 500;

std::vector<std::string> names_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> out;
    for (const std::size_t column : columns)
        out.push_back(table.columns[column].name);
    return out;
}

// The columns of the index or constraint that the server named. One of a partition has another name than the root's,
// and its key is in the detail: "Key (a, b)=(1, 2) already exists."
std::vector<std::size_t> columns_of_constraint(const LoadContext& context, std::size_t table, const Diagnostics& said) {
    const TableFacts& facts = context.facts(table);
    for (const IndexFacts& index : facts.indexes) {
        if (index.name == said.constraint && !index.columns.empty()) return index.columns;
    }
    for (const ConstraintFacts& constraint : facts.constraints) {
        if (constraint.name == said.constraint && !constraint.columns.empty()) return constraint.columns;
    }
    std::vector<std::size_t> out;
    const std::string_view detail = said.detail;
    const std::size_t open = detail.find("Key ("), close = detail.find(")=(");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return out;
    std::string_view list = detail.substr(open + 5, close - open - 5);
    while (!list.empty()) {
        std::string_view name = list.substr(0, list.find(", "));
        list.remove_prefix(std::min(list.size(), name.size() + 2));
        if (name.size() > 1 && name.front() == '"') name = name.substr(1, name.size() - 2);
        const auto found = context.table(table).find_column(name);
        if (!found) return {};
        out.push_back(*found);
    }
    return out;
}

std::optional<std::size_t> find_column(const Table& table, std::string_view name) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name == name) return i;
    }
    return std::nullopt;
}

// The one column of that type which the row gives; the server says no more of a domain's check.
std::optional<std::size_t> column_of_type(const LoadContext& context, const SentRow& row, const std::string& type) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
        const ColumnFacts& facts = context.facts(row.table).columns[i];
        const bool is_it = facts.type_name.ends_with(type) || facts.type_name.ends_with(quote_identifier(type));
        if (facts.type == facts.base_type || !is_it) continue;
        if (found && row.fields[*found].given == row.fields[i].given) return std::nullopt;
        if (!found || row.fields[i].given) found = i;
    }
    return found;
}

std::string values_of(const LoadContext& context, const SentRow& row, const std::vector<std::size_t>& columns) {
    std::string out;
    for (const std::size_t column : columns) {
        const SentRow::Field& field = row.fields[column];
        if (!field.given) continue;
        append(out, cat(out.empty() ? "" : ", ",
                        field.text ? describe_text(context, row.table, column, *field.text) : "null"));
    }
    return out;
}

void explain_unique(const LoadContext& context, const SentRow& row, const Diagnostics& said, Error& error) {
    const Table& table = context.table(row.table);
    const std::vector<std::size_t> columns = columns_of_constraint(context, row.table, said);
    const bool exclusion = said.sqlstate == kExclusionViolation;
    error.detail.clear();
    if (columns.empty()) {
        error.message = cat(exclusion ? "another row excludes this one" : "another row has the same unique value", " (",
                            quote(said.constraint), ")");
        return;
    }
    error.where.column = table.columns[columns[0]].name;
    const std::string values = values_of(context, row, columns);
    const std::string names = quote_list(names_of(table, columns));
    error.message = exclusion ? cat("another row excludes this one by ", names, " (", quote(said.constraint), ")")
                              : cat("another row has the same ", names);
    if (!values.empty()) append(error.message, cat(": ", values));
}

void explain_check(const LoadContext& context, const SentRow& row, const Diagnostics& said, Error& error) {
    const Table& table = context.table(row.table);
    error.detail.clear();
    if (said.constraint.empty() && said.message.starts_with("no partition")) {
        error.message = cat("table ", quote(table.label()), " has no partition for the row");
        error.detail = said.detail;
    } else if (!said.type.empty()) {
        error.message = cat("a value breaks a check of domain ", quote(said.type), ": ", said.constraint);
    } else {
        error.message = cat("the row breaks a check of table ", quote(table.label()), ": ", said.constraint);
    }
}

}  // namespace

CopyPlace copy_place(std::string_view context) {
    CopyPlace out;
    std::size_t at = context.starts_with("COPY ") ? 0 : context.find("\nCOPY ");
    if (at == std::string_view::npos) return out;
    // The table's name may hold anything, also ", line 1".
    for (std::size_t line = context.find(", line ", at); line != std::string_view::npos;
         line = context.find(", line ", line + 1)) {
        const char* const digits = context.data() + line + 7;
        const char* const end = context.data() + context.size();
        std::uint64_t number = 0;
        const auto parsed = std::from_chars(digits, end, number);
        if (parsed.ec != std::errc()) continue;
        const std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
        if (!rest.empty() && rest[0] != ',' && rest[0] != ':' && rest[0] != '\n') continue;
        out.line = number;
        if (rest.starts_with(", column ")) out.column = rest.substr(9);
        return out;
    }
    return out;
}

std::string describe_text(const LoadContext& context, std::size_t table, std::size_t column, std::string_view text) {
    Arena arena;
    try {
        return describe(read_value(context.facts(table).columns[column].form, text, arena));
    } catch (const Error&) {  // what the server has refused may be no value at all
        return quote(text);
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
    std::vector<std::string> key;
    for (const std::size_t column : context.table(row.table).key) {
        if (!row.fields[column].text) return {};
        key.push_back(*row.fields[column].text);
    }
    return describe_key(context, row.table, key);
}

Error row_failure(const LoadContext& context, const SentRow& row, const PgError& error) {
    const Diagnostics& said = error.diagnostics;
    // What a user's trigger raises is of class P0.
    if (error.kind != ErrorKind::kInput && !said.sqlstate.starts_with("P0") && said.sqlstate != "428C9") return error;
    const Table& table = context.table(row.table);
    Error out = error;
    out.kind = ErrorKind::kInput;
    if (row.origin) out.at(context.place(*row.origin));
    out.where.table = table.label();
    out.where.key = describe_key(context, row);
    std::optional<std::size_t> blamed = row.blamed;
    if (!blamed && !said.column.empty()) blamed = find_column(table, said.column);
    if (!blamed && !said.type.empty()) blamed = column_of_type(context, row, said.type);
    if (blamed) out.where.column = table.columns[*blamed].name;
    out.detail = said.detail;
    if (said.sqlstate == kNotNullViolation && blamed && said.type.empty()) {
        out.message =
            cat("column ", quote(out.where.column),
                row.fields[*blamed].given ? " must not be null" : " is missing, must not be null and has no default");
        out.detail.clear();
    } else if (said.sqlstate == kUniqueViolation || said.sqlstate == kExclusionViolation) {
        explain_unique(context, row, said, out);
        blamed = find_column(table, out.where.column);
    } else if (said.sqlstate == kCheckViolation) {
        explain_check(context, row, said, out);
    } else if (blamed) {
        out.message = cat("column ", quote(out.where.column), " does not take the value: ", said.message);
    } else {
        out.message = cat("table ", quote(table.label()), " does not take the row: ", said.message);
    }
    if (blamed && row.fields[*blamed].line > 0 && out.where.line > 0) out.where.line = row.fields[*blamed].line;
    if (out.detail.size() > kLongestDetail) out.detail = quote(out.detail, kLongestDetail);
    return out;
}

}  // namespace dbfixture::postgres
