// SPDX-License-Identifier: MIT
#include "db/postgres/introspect.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

void require_schemas(Session& session, const std::vector<std::string>& wanted) {
    const Result found = session.run(cat("SELECT nspname FROM pg_namespace n WHERE ", kOurSchemas, " ORDER BY 1"));
    std::vector<std::string> known;
    for (int row = 0; row < found.rows(); ++row)
        known.push_back(found.string(row, 0));
    for (const std::string& name : wanted) {
        if (std::ranges::find(known, name) != known.end()) continue;
        throw Error(ErrorKind::kNotFound,
                    cat("database ", quote(session.location().shown, 200), " has no schema ", quote(name)))
            .with_detail(known.empty() ? "It has none." : cat("It has ", quote_list(known), "."))
            .with_hint(did_you_mean(name, known));
    }
}

// Selections of all tables keep to these schemas.
void set_roles(Catalog& catalog, const std::vector<std::string>& selected) {
    for (Table& table : catalog.schema.tables) {
        const std::string& schema = table.schema.empty() ? catalog.schema.default_schema : table.schema;
        if (std::ranges::find(selected, schema) == selected.end()) table.role = TableRole::kElsewhere;
    }
}

void name_parents(Catalog& catalog) {
    for (Table& table : catalog.schema.tables) {
        for (ForeignKey& key : table.foreign_keys) {
            if (key.parent) key.parent_name = catalog.schema.tables[*key.parent].label();
        }
    }
}

// Those of extensions are no tables of people's, but foreign keys may refer to them.
void take_tables(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto oid = static_cast<Oid>(found.integer(row, 0));
        if (found.boolean(row, 12)) {
            places.others.emplace(oid, std::pair(found.string(row, 1), found.string(row, 2)));
            continue;
        }
        if (places.only != nullptr && !places.only->contains(oid)) continue;
        Table table;
        table.name = found.string(row, 2);
        if (found.text(row, 1) != catalog.schema.default_schema) table.schema = found.string(row, 1);
        TableFacts facts;
        facts.oid = oid;
        facts.kind = found.letter(row, 3);
        facts.sql_name = quote_identifier(found.text(row, 1), table.name);
        facts.read_source = cat(facts.kind == 'r' ? "ONLY " : "", facts.sql_name);
        facts.owned = found.boolean(row, 4);
        facts.estimated_rows = static_cast<double>(found.integer(row, 5));
        facts.can_select = found.boolean(row, 6);
        facts.can_insert = found.boolean(row, 7);
        facts.can_update = found.boolean(row, 8);
        facts.can_delete = found.boolean(row, 9);
        facts.can_truncate = found.boolean(row, 10);
        facts.row_security = found.boolean(row, 11);
        facts.can_use_schema = found.boolean(row, 13);
        facts.foreign = facts.kind == 'f';
        if (facts.foreign) table.role = TableRole::kElsewhere;
        if (facts.foreign) table.not_dumpable = "it is a foreign table, whose rows are another server's";
        places.tables.emplace(facts.oid, catalog.facts.size());
        catalog.schema.tables.push_back(std::move(table));
        catalog.facts.push_back(std::move(facts));
    }
}

void take_partitions(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto root = places.table(found.integer(row, 1));
        if (!root) continue;
        const auto oid = static_cast<Oid>(found.integer(row, 0));
        places.tables.emplace(oid, *root);
        places.others.emplace(oid, std::pair(found.string(row, 3), found.string(row, 4)));
        if (found.letter(row, 2) != 'p') catalog.facts[*root].leaves.push_back(oid);
        if (found.letter(row, 2) != 'f') continue;
        catalog.facts[*root].foreign = true;
        catalog.schema.tables[*root].role = TableRole::kElsewhere;
        catalog.schema.tables[*root].not_dumpable =
            "a partition of it is a foreign table, whose rows are another server's";
    }
}

}  // namespace

std::optional<std::size_t> Places::table(std::int64_t oid) const {
    const auto found = tables.find(static_cast<Oid>(oid));
    return found == tables.end() ? std::nullopt : std::optional(found->second);
}

std::string Places::column_name(std::int64_t relation, std::int64_t number) const {
    const auto first = first_attribute.find(static_cast<Oid>(relation));
    if (first == first_attribute.end()) return {};
    for (int row = first->second; row < attributes->rows() && attributes->integer(row, 0) == relation; ++row) {
        if (attributes->integer(row, 1) == number) return attributes->string(row, 2);
    }
    return {};
}

void ask_tables(const Catalog& catalog, std::vector<CatalogQuery>& queries) {
    queries.push_back(
        {cat("SELECT c.oid, n.nspname, c.relname, c.relkind, pg_has_role(c.relowner, 'USAGE'), c.reltuples::int8, "
             "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), "
             "has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'UPDATE'), "
             "has_table_privilege(c.oid, 'DELETE'), has_table_privilege(c.oid, 'TRUNCATE'), "
             "row_security_active(c.oid), c.oid IN (SELECT d.objid FROM pg_depend d WHERE d.classid = "
             "'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'), "
             "has_schema_privilege(n.oid, 'USAGE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
             "c.oid >= ",
             kFirstOid, " AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND ", kOurSchemas,
             " ORDER BY n.nspname <> ", text_literal(catalog.schema.default_schema),
             ", n.nspname COLLATE \"C\", c.relname COLLATE \"C\""),
         take_tables});
    queries.push_back(
        {"SELECT c.oid, pg_partition_root(c.oid)::oid, c.relkind, n.nspname, c.relname FROM pg_class c "
         "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relispartition",
         take_partitions});
}

Catalog read_catalog(Session& session, const std::vector<std::string>& selected, const std::set<Oid>* only) {
    Catalog catalog;
    catalog.search_path = session.search_path();
    catalog.schema.table_rule = catalog.schema.column_rule = NameRule::kExact;
    const std::vector<std::string>& first = selected.empty() ? catalog.search_path : selected;
    if (!first.empty()) catalog.schema.default_schema = first.front();
    if (!selected.empty()) require_schemas(session, selected);
    std::vector<CatalogQuery> queries;
    ask_tables(catalog, queries);
    ask_columns(queries);
    ask_constraints(queries);
    ask_triggers(queries);
    ask_sequences(queries);
    std::string sql;
    for (const CatalogQuery& query : queries)
        append(sql, cat(query.sql, "; "));
    const std::vector<Result> found = session.run_all(sql);
    Places places;
    places.only = only;
    for (std::size_t at = 0; at < queries.size(); ++at)
        queries[at].take(found[at], catalog, places);
    read_types(session, catalog, places);
    choose_keys(catalog);
    settle_names(catalog.schema);
    name_parents(catalog);
    set_roles(catalog, first);
    return catalog;
}

}  // namespace dbfixture::postgres
