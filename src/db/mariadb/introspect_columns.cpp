// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/column_type.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

bool says(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// SQL on MariaDB, where "NULL" is what a column without a default has; on MySQL the value, unless it is an expression.
std::optional<std::string> default_of(const Result& found, int row, bool is_mariadb, std::string_view extra) {
    if (found.is_null(row, 5)) return std::nullopt;
    const std::string text = found.string(row, 5);
    if (is_mariadb) return text == "NULL" ? std::nullopt : std::optional(text);
    return says(extra, "DEFAULT_GENERATED") ? text : enclose(text, '\'');
}

template <typename Number>
std::optional<Number> number_of(const Result& found, int row, int column) {
    if (found.is_null(row, column)) return std::nullopt;
    return static_cast<Number>(found.integer(row, column));
}

}  // namespace

std::string ask_columns(const Session& session) {
    return cat(
        "SELECT table_name, column_name, data_type, column_type, is_nullable, column_default, extra, "
        "character_set_name, collation_name, datetime_precision, numeric_precision, numeric_scale, "
        "character_maximum_length, character_octet_length FROM information_schema.columns WHERE ",
        of_this_database(session, "table_schema"), " ORDER BY table_name, ordinal_position");
}

void read_columns(const Result& found, const Session& session, Catalog& catalog, const Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto place = places.find(found.text(row, 0));
        if (place == places.end()) continue;
        Table& table = catalog.schema.tables[place->second];
        TableFacts& of = catalog.facts[place->second];
        const std::string extra = found.string(row, 6);
        Column column;
        ColumnFacts facts;
        column.name = found.string(row, 1);
        column.declared = found.string(row, 3);
        column.nullable = found.text(row, 4) == "YES";
        column.generated = says(extra, "GENERATED") && !says(extra, "DEFAULT_GENERATED");
        column.default_text = default_of(found, row, session.server().is_mariadb, extra);
        facts.auto_increment = says(extra, "auto_increment");
        facts.has_default = column.nullable || column.default_text.has_value() || facts.auto_increment;
        column.has_sequence = facts.auto_increment;
        const std::string type = found.string(row, 2);
        set_type(
            column, facts,
            {type, column.declared, found.text(row, 7), found.text(row, 8), static_cast<int>(found.integer(row, 10)),
             static_cast<int>(found.integer(row, 9)), number_of<int>(found, row, 11),
             number_of<std::uint64_t>(found, row, 12), number_of<std::uint64_t>(found, row, 13)});
        table.columns.push_back(std::move(column));
        of.columns.push_back(std::move(facts));
    }
}

std::string ask_json_checks(const Session& session) {
    return cat("SELECT table_name, check_clause FROM information_schema.check_constraints WHERE ",
               of_this_database(session, "constraint_schema"), " AND check_clause LIKE 'json\\_valid(`%`)'");
}

// JSON is a text on MariaDB, held to it by a check.
void read_json_checks(const Result& found, Catalog& catalog, const Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto place = places.find(found.text(row, 0));
        if (place == places.end()) continue;
        for (Column& column : catalog.schema.tables[place->second].columns) {
            if (column.type == ColumnType::kText &&
                found.text(row, 1) == cat("json_valid(", quote_identifier(column.name), ")"))
                column.holds_json = true;
        }
    }
}

}  // namespace dbfixture::mariadb
