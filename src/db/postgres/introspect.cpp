// SPDX-License-Identifier: MIT
#include "db/postgres/introspect.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/column_type.h"
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

}  // namespace

std::optional<std::size_t> Places::column(const Table& table, const std::string& name) {
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
        if (table.columns[at].name == name) return at;
    }
    return std::nullopt;
}

std::optional<std::size_t> Places::table(std::int64_t oid) const {
    const auto found = tables.find(static_cast<Oid>(oid));
    return found == tables.end() ? std::nullopt : std::optional(found->second);
}

void read_tables(Session& session, Catalog& catalog, Places& places) {
    const Result found = session.run(
        cat("SELECT c.oid, n.nspname, c.relname, c.relkind, pg_has_role(c.relowner, 'USAGE'), c.reltuples::int8, "
            "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), "
            "has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'UPDATE'), "
            "has_table_privilege(c.oid, 'DELETE'), has_table_privilege(c.oid, 'TRUNCATE'), row_security_active(c.oid) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND ",
            kOurSchemas,
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
            "d.deptype = 'e') ORDER BY n.nspname <> ",
            text_literal(catalog.schema.default_schema), ", n.nspname COLLATE \"C\", c.relname COLLATE \"C\""));
    for (int row = 0; row < found.rows(); ++row) {
        Table table;
        table.name = found.string(row, 2);
        if (found.text(row, 1) != catalog.schema.default_schema) table.schema = found.string(row, 1);
        TableFacts facts;
        facts.oid = static_cast<Oid>(found.integer(row, 0));
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
        if (facts.kind == 'f') table.not_dumpable = "it is a foreign table, whose rows are another server's";
        places.tables.emplace(facts.oid, catalog.facts.size());
        catalog.schema.tables.push_back(std::move(table));
        catalog.facts.push_back(std::move(facts));
    }
    const Result parts =
        session.run("SELECT c.oid, pg_partition_root(c.oid)::oid, c.relkind FROM pg_class c WHERE c.relispartition");
    for (int row = 0; row < parts.rows(); ++row) {
        const auto root = places.table(parts.integer(row, 1));
        if (!root) continue;
        places.tables.emplace(static_cast<Oid>(parts.integer(row, 0)), *root);
        if (parts.letter(row, 2) != 'p') catalog.facts[*root].leaves.push_back(static_cast<Oid>(parts.integer(row, 0)));
        if (parts.letter(row, 2) == 'f')
            catalog.schema.tables[*root].not_dumpable =
                "a partition of it is a foreign table, whose rows are another server's";
    }
}

void read_columns(Session& session, Catalog& catalog, const Places& places) {
    const Result found = session.run(
        cat("WITH RECURSIVE domain(type, base, modifier, required) AS ("
            "SELECT oid, typbasetype, typtypmod, typnotnull FROM pg_type WHERE typtype = 'd' UNION ALL "
            "SELECT d.type, t.typbasetype, t.typtypmod, d.required OR t.typnotnull FROM domain d "
            "JOIN pg_type t ON t.oid = d.base WHERE t.typtype = 'd') "
            "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, b.oid, coalesce(d.modifier, a.atttypmod), "
            "format_type(a.atttypid, a.atttypmod), a.attnotnull OR coalesce(d.required, false), a.attidentity, "
            "a.attgenerated, pg_get_expr(ad.adbin, ad.adrelid), bn.nspname, b.typname, b.typtype, b.typcategory = 'A', "
            "a.attcollation <> 0 AND NOT coalesce(CASE WHEN co.collprovider = 'd' THEN "
            "(SELECT coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' AND datcollate IN ('C', 'POSIX', 'C.UTF-8', "
            "'C.utf8') FROM pg_database d "
            "WHERE datname = current_database()) ELSE co.collprovider = 'c' AND co.collcollate IN "
            "('C', 'POSIX', 'C.UTF-8', 'C.utf8') END, false), "
            "format_type(b.oid, -1), CASE WHEN a.atttypid = b.oid THEN a.attndims ELSE 0 END "
            "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_type t ON t.oid = a.atttypid "
            "LEFT JOIN domain d ON d.type = t.oid AND NOT EXISTS (SELECT FROM pg_type x WHERE x.oid = d.base AND "
            "x.typtype = 'd') "
            "JOIN pg_type b ON b.oid = coalesce(d.base, t.oid) JOIN pg_namespace bn ON bn.oid = b.typnamespace "
            "LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum "
            "LEFT JOIN pg_collation co ON co.oid = a.attcollation "
            "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND ",
            kOurSchemas, " ORDER BY a.attrelid, a.attnum"));
    for (int row = 0; row < found.rows(); ++row) {
        const auto table = places.table(found.integer(row, 0));
        if (!table) continue;
        Column column;
        ColumnFacts facts;
        column.name = found.string(row, 2);
        facts.number = static_cast<int>(found.integer(row, 1));
        facts.type = static_cast<Oid>(found.integer(row, 3));
        facts.base_type = static_cast<Oid>(found.integer(row, 4));
        facts.type_modifier = static_cast<int>(found.integer(row, 5));
        facts.type_name = found.string(row, 6);
        column.declared = facts.type_name;
        column.nullable = !found.boolean(row, 7);
        facts.identity = found.letter(row, 8);
        column.generated = found.letter(row, 9) != '\0';
        facts.has_default = !column.generated && !found.is_null(row, 10);
        if (facts.has_default) column.default_text = found.string(row, 10);
        set_type(column, facts,
                 {found.text(row, 11), found.text(row, 12), found.letter(row, 13), found.boolean(row, 14),
                  facts.type_modifier});
        facts.collated = found.boolean(row, 15);
        facts.base_type_name = found.string(row, 16);
        for (std::int64_t depth = found.integer(row, 17); depth > 1; --depth)
            column.declared += "[]";
        catalog.schema.tables[*table].columns.push_back(std::move(column));
        catalog.facts[*table].columns.push_back(std::move(facts));
    }
}

Catalog read_catalog(Session& session, const std::vector<std::string>& selected) {
    Catalog catalog;
    catalog.search_path = session.search_path();
    catalog.schema.table_rule = catalog.schema.column_rule = NameRule::kExact;
    const std::vector<std::string>& first = selected.empty() ? catalog.search_path : selected;
    if (!first.empty()) catalog.schema.default_schema = first.front();
    if (!selected.empty()) require_schemas(session, selected);
    catalog.superuser = session.number("SELECT rolsuper::int4 FROM pg_roles WHERE rolname = current_user") == 1;
    Places places;
    read_tables(session, catalog, places);
    read_columns(session, catalog, places);
    read_constraints(session, catalog, places);
    read_indexes(session, catalog, places);
    read_triggers(session, catalog, places);
    read_sequences_facts(session, catalog, places);
    choose_keys(catalog);
    settle_names(catalog.schema);
    name_parents(catalog);
    set_roles(catalog, first);
    return catalog;
}

}  // namespace dbfixture::postgres
