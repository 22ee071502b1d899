// SPDX-License-Identifier: MIT
#include "db/mariadb/stored_values.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/row_query.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/statement.h"
#include "db/mariadb/value_send.h"
#include "model/copy_value.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::string_view kTable = "`dbfixture_stored_values`", kNumber = "`dbfixture_number`";
constexpr std::size_t kRowsAtOnce = 1000;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

// Rule 2.
bool passes(const ColumnFacts& facts) {
    switch (facts.form) {
        case ValueForm::kBoolean:
        case ValueForm::kInteger:
        case ValueForm::kYear:
        case ValueForm::kBytes:
            return true;
        case ValueForm::kText:
            return !facts.charset.empty() && !facts.doubtful && facts.members.empty();
        default:
            return false;
    }
}

bool passes(const Value& value, const ColumnFacts& facts) {
    if (value.is_null() || passes(facts)) return true;
    // An enumeration's invalid value: its raw form.
    if (facts.form == ValueForm::kEnum) return value.kind() == ValueKind::kBytes;
    return facts.form == ValueForm::kReal && !facts.real_scale && value.kind() == ValueKind::kReal;
}

Value as_boolean(const Value& value) {
    const bool is_one = value.kind() == ValueKind::kInteger && (value.as_integer() == 0 || value.as_integer() == 1);
    return is_one ? Value::boolean(value.as_integer() == 1) : value;
}

std::size_t bytes_of(const Value& value) {
    return 16 + (value.has_text() ? value.as_text().size() : 0);
}

}  // namespace

// Those that the server is to convert, `width` a row; nullptr for a value that passes.
struct StoredValues::Cells {
    std::size_t width = 0;
    std::vector<Value*> values{};
    std::vector<Value> sent{};
};

void StoredValues::prepare(const Catalog& catalog, std::size_t table, const std::vector<std::size_t>& columns) {
    const Table& of = catalog.schema.tables[table];
    const TableFacts& facts = catalog.facts[table];
    std::string definition = cat(kNumber, " INT PRIMARY KEY"), names = std::string(kNumber), read = names;
    for (const std::size_t column : columns) {
        const std::string name = quote_identifier(of.columns[column].name);
        append(definition, cat(", ", name, " ", facts.columns[column].type));
        append(names, cat(", ", name));
        append(read, cat(", ", column_term(of, facts, column)));
    }
    if (definition == made_for_) return;
    made_for_.clear();
    insert_.reset();
    if (session_ == nullptr) session_ = beside_.another({false, beside_.options().busy_timeout_ms});
    session_->run(cat("DROP TEMPORARY TABLE IF EXISTS ", kTable));
    try {
        session_->run(cat("CREATE TEMPORARY TABLE ", kTable, " (", definition, ") ENGINE = InnoDB"));
    } catch (const ServerError& error) {
        if (error.number != kTableAccessDenied && error.number != kAccessDeniedToDatabase) throw;
        throw Error(ErrorKind::kFailure, cat("cannot tell what the columns of ", quote(of.label()), " make of values"))
            .with_detail(cat("The server was to try it in a temporary table: ", error.words, "."))
            .with_hint("grant this user CREATE TEMPORARY TABLES on the database");
    }
    read_ = cat("SELECT ", read, " FROM ", kTable, " t ORDER BY ", kNumber);
    forms_ = {ValueForm::kInteger};
    for (const std::size_t column : columns)
        forms_.push_back(form_of(facts.columns[column]));
    insert_.emplace(*session_, cat("INSERT INTO ", kTable, " (", names, ")"), columns.size() + 1);
    made_for_ = definition;
}

void StoredValues::convert(const Cells& cells, std::size_t from, std::size_t rows, Arena& arena) {
    std::vector<Value> sent;
    for (std::size_t row = 0; row < rows; ++row) {
        sent.push_back(Value::integer(static_cast<std::int64_t>(row)));
        const auto begin = cells.sent.begin() + static_cast<std::ptrdiff_t>((from + row) * cells.width);
        sent.insert(sent.end(), begin, begin + static_cast<std::ptrdiff_t>(cells.width));
    }
    session_->run(cat("DELETE FROM ", kTable));
    insert_->send(sent, rows);
    Statement read(*session_, read_);
    read.execute({});
    read.read_as(forms_);
    std::vector<Value> found;
    while (read.next(found)) {
        const std::size_t row = from + static_cast<std::size_t>(found[0].as_integer());
        for (std::size_t at = 0; at < cells.width; ++at) {
            Value* const cell = cells.values[row * cells.width + at];
            if (cell == nullptr) continue;
            const std::uint32_t line = cell->line();
            *cell = copy_value(found[at + 1], arena);
            cell->set_line(line);
        }
    }
}

void StoredValues::make(const Catalog& catalog, std::size_t table, std::span<const std::uint16_t> columns,
                        std::span<Value> values, Arena& arena) {
    if (columns.empty()) return;
    const Table& of = catalog.schema.tables[table];
    const TableFacts& facts = catalog.facts[table];
    std::vector<std::size_t> converted, places;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        if (passes(facts.columns[columns[at]])) continue;
        converted.push_back(columns[at]);
        places.push_back(at);
    }
    Cells cells{.width = converted.size()};
    bool any = false;
    for (std::size_t row = 0; row < values.size(); row += columns.size()) {
        for (std::size_t at = 0, next = 0; at < columns.size(); ++at) {
            Value& value = values[row + at];
            const ColumnFacts& column = facts.columns[columns[at]];
            const Value sent = sendable(value, of.columns[columns[at]], column, arena);  // rule 1
            if (column.form == ValueForm::kBoolean) value = as_boolean(value);
            if (next == places.size() || places[next] != at) continue;
            ++next;
            const bool as_it_is = passes(value, column);
            any = any || !as_it_is;
            cells.values.push_back(as_it_is ? nullptr : &value);
            cells.sent.push_back(as_it_is ? Value::null() : sent);
        }
    }
    if (!any) return;
    prepare(catalog, table, converted);
    const std::size_t rows = values.size() / columns.size();
    for (std::size_t from = 0; from < rows;) {
        std::size_t count = 0, bytes = 0;
        const std::size_t most = std::min<std::size_t>(kMostBytes, session_->server().most_bytes / 2);
        while (from + count < rows && count < kRowsAtOnce && (count == 0 || bytes < most)) {
            for (std::size_t at = 0; at < cells.width; ++at)
                bytes += bytes_of(cells.sent[(from + count) * cells.width + at]);
            ++count;
        }
        convert(cells, from, count, arena);
        from += count;
    }
}

}  // namespace dbfixture::mariadb
