// SPDX-License-Identifier: MIT
#include "db/mariadb/row_query.h"

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

void add(std::string& list, std::string_view item) {
    append(list, cat(list.empty() ? "" : ", ", item));
}

// By the bytes of texts, NULL first: neither a collation nor the padding of texts counts.
std::string order_term(const Table& table, const TableFacts& facts, std::size_t column) {
    const std::string name = cat("t.", quote_identifier(table.columns[column].name));
    return facts.columns[column].as_text ? cat("CAST(CAST(", name, " AS CHAR) AS BINARY)") : name;
}

}  // namespace

ValueForm form_of(const ColumnFacts& facts) {
    if (facts.form == ValueForm::kEnum) return ValueForm::kMarkedEnum;
    return facts.form == ValueForm::kText && facts.doubtful ? ValueForm::kMarkedText : facts.form;
}

std::string column_term(const Table& table, const TableFacts& facts, std::size_t column) {
    const std::string name = cat("t.", quote_identifier(table.columns[column].name));
    switch (form_of(facts.columns[column])) {
        case ValueForm::kMarkedEnum:
            return cat("CONCAT(", name, " + 0 > 0, ", name, ")");
        case ValueForm::kMarkedText:
            return cat("CONCAT(CAST(CONVERT(CONVERT(", name, " USING utf8mb4) USING ", facts.columns[column].charset,
                       ") AS BINARY) = CAST(", name, " AS BINARY), CONVERT(", name, " USING utf8mb4))");
        default:
            return name;
    }
}

std::string read_statement(const Table& table, const TableFacts& facts, const RowQuery& query) {
    std::string columns, order, beyond;
    for (const std::size_t column : query.order)
        add(order, order_term(table, facts, column));
    const auto order_by = [&](std::size_t column) {
        add(order, order_term(table, facts, column));
        // The server orders by the first bytes alone: what is equal in these has some order all the same.
        if (facts.columns[column].is_long)
            add(beyond, cat("MD5(t.", quote_identifier(table.columns[column].name), ")"));
    };
    for (const std::size_t column : table.key) {
        add(columns, column_term(table, facts, column));
        if (query.order.empty()) order_by(column);
    }
    for (const std::size_t column : query.columns) {
        add(columns, column_term(table, facts, column));
        if (table.key_kind == KeyKind::kNone && query.order.empty()) order_by(column);
    }
    if (!beyond.empty()) add(order, beyond);
    return cat("SELECT ", columns.empty() ? "1" : columns, " FROM ", facts.sql_name, " t",
               order.empty() ? "" : " ORDER BY ", order);
}

std::string search_statement(const Table& table, const TableFacts& facts, const Search& search) {
    std::string columns, condition;
    for (const std::size_t column : search.columns)
        append(columns, cat(", ", column_term(table, facts, column)));
    for (const std::size_t column : search.by)
        append(condition, cat(condition.empty() ? " WHERE " : " AND ", "t.",
                              quote_identifier(table.columns[column].name), " <=> ?"));
    std::string out;
    for (std::size_t number = 0; number < search.count; ++number) {
        append(out,
               cat(number == 0 ? "" : " UNION ALL ", "(SELECT ", number, " AS n", columns, " FROM ", facts.sql_name,
                   " t", condition, search.most > 0 ? cat(" LIMIT ", search.most) : std::string(), ")"));
    }
    return out;
}

}  // namespace dbfixture::mariadb
