// SPDX-License-Identifier: MIT
#include "db/postgres/introspect.h"

#include <algorithm>
#include <tuple>

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

void take_schemas(const Result& found, Catalog&, Places& places) {
    for (int row = 0; row < found.rows(); ++row)
        places.schemas[static_cast<Oid>(found.integer(row, 0))] = {found.string(row, 1), found.boolean(row, 2)};
}

void take_extensions(const Result& found, Catalog&, Places& places) {
    for (int row = 0; row < found.rows(); ++row)
        places.extensions.insert(static_cast<Oid>(found.integer(row, 0)));
}

// Columns of the statement about relations.
enum RelationColumn : int {
    kOid,
    kSchema,
    kName,
    kKind,
    kRoot,  // of a partition
    kOwned,
    kRows,
    kSelect,
    kUpdate,
    kInsert,
    kDelete,
    kTruncate,
    kRowSecurity,
};

const Places::Schema& schema_of(const Result& found, int row, const Places& places) {
    static const Places::Schema kUnknown;  // one that was made meanwhile
    const auto schema = places.schemas.find(static_cast<Oid>(found.integer(row, kSchema)));
    return schema == places.schemas.end() ? kUnknown : schema->second;
}

// Those of extensions are no tables of people's, but foreign keys may refer to them.
void take_table(const Result& found, int row, Catalog& catalog, Places& places) {
    const auto oid = static_cast<Oid>(found.integer(row, kOid));
    const Places::Schema& schema = schema_of(found, row, places);
    if (places.extensions.contains(oid)) {
        places.others.emplace(oid, std::pair(schema.name, found.string(row, kName)));
        return;
    }
    if (places.only != nullptr && !places.only->contains(oid)) return;
    Table table;
    table.name = found.string(row, kName);
    if (schema.name != catalog.schema.default_schema) table.schema = schema.name;
    TableFacts facts;
    facts.oid = oid;
    facts.kind = found.letter(row, kKind);
    facts.sql_name = quote_identifier(schema.name, table.name);
    facts.read_source = cat(facts.kind == 'r' ? "ONLY " : "", facts.sql_name);
    facts.owned = found.boolean(row, kOwned);
    facts.estimated_rows = static_cast<double>(found.integer(row, kRows));
    facts.can_use_schema = schema.usable;
    facts.can_select = schema.usable && found.boolean(row, kSelect);
    facts.can_insert = found.boolean(row, kInsert);
    facts.can_update = found.boolean(row, kUpdate);
    facts.can_delete = found.boolean(row, kDelete);
    facts.can_truncate = found.boolean(row, kTruncate);
    facts.row_security = found.boolean(row, kRowSecurity);
    facts.foreign = facts.kind == 'f';
    if (facts.foreign) table.role = TableRole::kElsewhere;
    if (facts.foreign) table.not_dumpable = "it is a foreign table, whose rows are another server's";
    places.tables.emplace(facts.oid, catalog.facts.size());
    catalog.schema.tables.push_back(std::move(table));
    catalog.facts.push_back(std::move(facts));
}

void take_partition(const Result& found, int row, Catalog& catalog, Places& places) {
    const auto root = places.table(found.integer(row, kRoot));
    if (!root) return;
    const auto oid = static_cast<Oid>(found.integer(row, kOid));
    places.tables.emplace(oid, *root);
    places.others.emplace(oid, std::pair(schema_of(found, row, places).name, found.string(row, kName)));
    if (found.letter(row, kKind) != 'p') catalog.facts[*root].leaves.push_back(oid);
    if (found.letter(row, kKind) != 'f') return;
    catalog.facts[*root].foreign = true;
    catalog.schema.tables[*root].role = TableRole::kElsewhere;
    catalog.schema.tables[*root].not_dumpable = "a partition of it is a foreign table, whose rows are another server's";
}

void take_sequence_relation(const Result& found, int row, Places& places) {
    const Places::Schema& schema = schema_of(found, row, places);
    SequenceFacts sequence;
    sequence.oid = static_cast<Oid>(found.integer(row, kOid));
    sequence.schema = schema.name;
    sequence.name = found.string(row, kName);
    sequence.sql_name = sequence.read_source = quote_identifier(sequence.schema, sequence.name);
    sequence.owned = found.boolean(row, kOwned);
    sequence.can_update = found.boolean(row, kUpdate);
    sequence.can_read = schema.usable && found.boolean(row, kSelect);
    places.sequence_relations.emplace(sequence.oid, std::move(sequence));
}

// Tables come by their schemas and names, those of the default schema first.
void take_relations(const Result& found, Catalog& catalog, Places& places) {
    std::vector<int> tables, partitions;
    for (int row = 0; row < found.rows(); ++row) {
        if (found.letter(row, kKind) == 'S') {
            take_sequence_relation(found, row, places);
        } else {
            (found.is_null(row, kRoot) ? tables : partitions).push_back(row);
        }
    }
    std::ranges::sort(tables, {}, [&](int row) {
        const std::string_view schema = schema_of(found, row, places).name;
        return std::tuple(schema != catalog.schema.default_schema, schema, found.text(row, kName));
    });
    for (const int row : tables)
        take_table(found, row, catalog, places);
    for (const int row : partitions)
        take_partition(found, row, catalog, places);
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

void ask_tables(std::vector<CatalogQuery>& queries) {
    queries.push_back({"SELECT oid, nspname, has_schema_privilege(oid, 'USAGE') FROM pg_namespace", take_schemas});
    queries.push_back(
        {"SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = "
         "'pg_extension'::regclass AND deptype = 'e'",
         take_extensions});
    const auto allowed = [](std::string_view what) {
        return cat("CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, '", what,
                   "') ELSE has_table_privilege(oid, '", what, "') END, ");
    };
    const auto allowed_for_tables = [](std::string_view what) {
        return cat("relkind <> 'S' AND has_table_privilege(oid, '", what, "'), ");
    };
    queries.push_back(
        {cat("SELECT oid, relnamespace, relname, relkind, CASE WHEN relispartition THEN pg_partition_root(oid)::oid "
             "END, pg_has_role(relowner, 'USAGE'), reltuples::int8, ",
             allowed("SELECT"), allowed("UPDATE"), allowed_for_tables("INSERT"), allowed_for_tables("DELETE"),
             allowed_for_tables("TRUNCATE"),
             "relkind <> 'S' AND row_security_active(oid) FROM pg_class WHERE oid >= ", kFirstOid,
             " AND relkind IN ('r', 'p', 'f', 'S') AND relnamespace = ANY (ARRAY(SELECT n.oid FROM pg_namespace n "
             "WHERE ",
             kOurSchemas, "))"),
         take_relations});
}

Catalog read_catalog(Session& session, const std::vector<std::string>& selected, const std::set<Oid>* only) {
    Catalog catalog;
    catalog.search_path = session.search_path();
    catalog.schema.table_rule = catalog.schema.column_rule = NameRule::kExact;
    const std::vector<std::string>& first = selected.empty() ? catalog.search_path : selected;
    if (!first.empty()) catalog.schema.default_schema = first.front();
    if (!selected.empty()) require_schemas(session, selected);
    std::vector<CatalogQuery> queries;
    ask_tables(queries);
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
