// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

std::optional<std::size_t> column_of(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    if (found == table.columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.columns.begin());
}

bool addresses_rows(const Table& table, const IndexFacts& index) {
    return index.unique && index.plain && !index.columns.empty() &&
           std::ranges::none_of(index.columns, [&](std::size_t column) { return table.columns[column].nullable; });
}

// The primary key, else a unique one whose values are always there.
const IndexFacts* address_of(const Table& table, const TableFacts& facts) {
    const IndexFacts* best = nullptr;
    for (const IndexFacts& index : facts.indexes) {
        if (index.name == "PRIMARY") return index.columns.empty() ? best : &index;
        if (best == nullptr && addresses_rows(table, index)) best = &index;
    }
    return best;
}

void choose_key(Table& table, const TableFacts& facts) {
    const IndexFacts* const address = address_of(table, facts);
    table.key_kind = address == nullptr ? KeyKind::kNone : KeyKind::kDeclared;
    if (address != nullptr) table.key = address->columns;
    table.numbers_rows = table.key.size() == 1 && facts.columns[table.key[0]].auto_increment;
    for (const IndexFacts& index : facts.indexes) {
        if (&index != address && index.unique && index.plain && !index.columns.empty())
            table.unique_keys.push_back({index.name, index.columns});
    }
}

// Of any database, as far as InnoDB knows them all: whoever may not ask it, or another engine that has some, is told
// that it may be so.
bool refers_across_databases(Session& session) {
    try {
        return session
            .number(
                "SELECT 1 FROM information_schema.innodb_sys_foreign WHERE SUBSTRING_INDEX(for_name, '/', 1) <> "
                "SUBSTRING_INDEX(ref_name, '/', 1) LIMIT 1")
            .has_value();
    } catch (const ServerError&) {
        return true;
    }
}

}  // namespace

std::string ask_keys(const Session& session) {
    return cat(
        "SELECT table_name, index_name, non_unique, column_name, sub_part, index_type FROM "
        "information_schema.statistics WHERE ",
        of_this_database(session, "table_schema"), " ORDER BY table_name, CAST(index_name AS BINARY), seq_in_index");
}

// The end of a row's time, which is part of every unique index of a table with history, is none of the user's.
void read_keys(const Result& found, Catalog& catalog, const Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto place = places.find(found.text(row, 0));
        if (place == places.end()) continue;
        const Table& table = catalog.schema.tables[place->second];
        TableFacts& facts = catalog.facts[place->second];
        if (facts.indexes.empty() || facts.indexes.back().name != found.text(row, 1))
            facts.indexes.push_back({found.string(row, 1), found.text(row, 2) == "0", true, {}});
        IndexFacts& index = facts.indexes.back();
        const auto column = column_of(table, found.text(row, 3));
        const bool of_history =
            facts.versioned &&
            (!column || (table.columns[*column].generated && table.columns[*column].declared.starts_with("timestamp")));
        if (of_history) continue;
        if (!column || (!found.is_null(row, 4) && index.name != "PRIMARY") || found.text(row, 5) == "FULLTEXT")
            index.plain = false;
        if (column) index.columns.push_back(*column);
    }
    for (std::size_t table = 0; table < catalog.facts.size(); ++table)
        choose_key(catalog.schema.tables[table], catalog.facts[table]);
}

std::string ask_foreign_keys(const Session& session) {
    return cat(
        "SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name, "
        "referenced_column_name FROM information_schema.key_column_usage WHERE ",
        of_this_database(session, "table_schema"),
        " AND referenced_table_name IS NOT NULL ORDER BY table_name, CAST(constraint_name AS BINARY), "
        "ordinal_position");
}

void read_foreign_keys(const Result& found, const Session& session, Catalog& catalog, const Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto place = places.find(found.text(row, 0));
        if (place == places.end()) continue;
        Table& table = catalog.schema.tables[place->second];
        TableFacts& facts = catalog.facts[place->second];
        if (facts.foreign_keys.empty() || facts.foreign_keys.back().name != found.text(row, 1)) {
            facts.foreign_keys.push_back({found.string(row, 1), found.string(row, 3), found.string(row, 4)});
            ForeignKey key;
            const bool here = found.text(row, 3) == session.server().database;
            const auto parent = places.find(found.text(row, 4));
            if (here && parent != places.end()) key.parent = parent->second;
            key.parent_name = here ? found.string(row, 4) : cat(found.text(row, 3), ".", found.text(row, 4));
            if (here && parent == places.end()) key.problem = cat("there is no table ", quote(key.parent_name));
            table.foreign_keys.push_back(std::move(key));
        }
        if (const auto column = column_of(table, found.text(row, 2)))
            table.foreign_keys.back().columns.push_back(*column);
        table.foreign_keys.back().parent_columns.push_back(found.string(row, 5));
    }
}

void read_children_elsewhere(Session& session, Catalog& catalog, const Places& places) {
    if (!refers_across_databases(session)) return;
    const Result elsewhere = session.run(
        cat("SELECT DISTINCT referenced_table_name, table_schema, table_name FROM information_schema.key_column_usage "
            "WHERE ",
            of_this_database(session, "referenced_table_schema"), " AND NOT (",
            of_this_database(session, "table_schema"), ") ORDER BY 1, 2, 3"));
    for (int row = 0; row < elsewhere.rows(); ++row) {
        const auto place = places.find(elsewhere.text(row, 0));
        if (place == places.end()) continue;
        catalog.children_elsewhere.push_back({place->second, cat(elsewhere.text(row, 1), ".", elsewhere.text(row, 2))});
    }
}

}  // namespace dbfixture::mariadb
