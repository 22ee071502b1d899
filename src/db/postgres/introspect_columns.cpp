// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/column_type.h"
#include "db/postgres/introspect_parts.h"

namespace dbfixture::postgres {
namespace {

void take_collations(const Result& found, Catalog&, Places& places) {
    for (int row = 0; row < found.rows(); ++row)
        places.binary_collations.insert(static_cast<Oid>(found.integer(row, 0)));
}

void add_column(const Result& found, int row, Catalog& catalog, std::size_t table, Places& places) {
    Column column;
    ColumnFacts facts;
    column.name = found.string(row, 2);
    facts.number = static_cast<int>(found.integer(row, 1));
    facts.type = static_cast<Oid>(found.integer(row, 3));
    facts.type_modifier = static_cast<int>(found.integer(row, 4));
    column.nullable = !found.boolean(row, 5);
    facts.identity = found.letter(row, 6);
    column.generated = found.letter(row, 7) != '\0';
    const auto collation = static_cast<Oid>(found.integer(row, 8));
    facts.collated = collation != 0 && !places.binary_collations.contains(collation);
    places.untyped.push_back({table, catalog.facts[table].columns.size(), found.integer(row, 9)});
    catalog.schema.tables[table].columns.push_back(std::move(column));
    catalog.facts[table].columns.push_back(std::move(facts));
}

void take_attributes(const Result& found, Catalog& catalog, Places& places) {
    places.attributes = &found;
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::int64_t relation = 0;
    std::size_t table = kNone;
    for (int row = 0; row < found.rows(); ++row) {
        if (found.integer(row, 0) != relation) {
            relation = found.integer(row, 0);
            places.first_attribute.emplace(static_cast<Oid>(relation), row);
            table = places.table(relation).value_or(kNone);
            if (table != kNone && catalog.facts[table].oid != static_cast<Oid>(relation)) table = kNone;
        }
        if (table != kNone) add_column(found, row, catalog, table, places);
    }
}

void take_defaults(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto table = places.table(found.integer(row, 0));
        if (!table || catalog.facts[*table].oid != static_cast<Oid>(found.integer(row, 0))) continue;
        auto& facts = catalog.facts[*table].columns;
        const auto at = std::ranges::find(facts, static_cast<int>(found.integer(row, 1)), &ColumnFacts::number);
        if (at == facts.end()) continue;
        Column& column = catalog.schema.tables[*table].columns[static_cast<std::size_t>(at - facts.begin())];
        if (column.generated) continue;
        at->has_default = true;
        column.default_text = found.string(row, 2);
    }
}

// A type with a modifier.
using TypeUse = std::pair<Oid, int>;

struct TypeRow {
    std::string declared, plain;  // with the modifier, without it
    std::string schema, name;
    char kind = 'b';
    bool array = false;
    Oid base = 0;  // of a domain, with this modifier
    int base_modifier = -1;
    bool required = false;
};

class Types {
  public:
    explicit Types(Session& session) : session_(session) {}

    // What domains stand for, too.
    void read(std::set<TypeUse> wanted) {
        while (!wanted.empty()) {
            std::string list;
            for (const auto& [type, modifier] : wanted)
                append(list, cat(list.empty() ? "" : ", ", "(", type, "::oid, ", modifier, ")"));
            const Result found = session_.run(
                cat("SELECT u.type, u.modifier, format_type(u.type, u.modifier), format_type(u.type, -1), n.nspname, "
                    "t.typname, t.typtype, t.typcategory = 'A', t.typbasetype, t.typtypmod, t.typnotnull FROM (VALUES ",
                    list,
                    ") u(type, modifier) JOIN pg_type t ON t.oid = u.type JOIN pg_namespace n ON n.oid = "
                    "t.typnamespace"));
            wanted.clear();
            for (int row = 0; row < found.rows(); ++row)
                take(found, row, wanted);
            std::erase_if(wanted, [this](const TypeUse& use) { return rows_.contains(use); });
        }
    }

    const TypeRow& of(const TypeUse& use) const {
        const auto found = rows_.find(use);
        if (found != rows_.end()) return found->second;
        throw Error(ErrorKind::kFailure,
                    cat("the schema of ", quote(session_.location().shown, 200), " changed while it was read"))
            .with_hint("run the command again");
    }

  private:
    void take(const Result& found, int row, std::set<TypeUse>& wanted) {
        TypeRow type;
        type.declared = found.string(row, 2);
        type.plain = found.string(row, 3);
        type.schema = found.string(row, 4);
        type.name = found.string(row, 5);
        type.kind = found.letter(row, 6);
        type.array = found.boolean(row, 7);
        type.base = static_cast<Oid>(found.integer(row, 8));
        type.base_modifier = static_cast<int>(found.integer(row, 9));
        type.required = found.boolean(row, 10);
        if (type.kind == 'd') wanted.emplace(type.base, type.base_modifier);
        rows_.emplace(TypeUse(static_cast<Oid>(found.integer(row, 0)), static_cast<int>(found.integer(row, 1))),
                      std::move(type));
    }

    Session& session_;
    std::map<TypeUse, TypeRow> rows_;
};

void set_column_type(Column& column, ColumnFacts& facts, const Types& types, std::int64_t dimensions) {
    TypeUse use(facts.type, facts.type_modifier);
    const TypeRow* type = &types.of(use);
    column.declared = facts.type_name = type->declared;
    if (type->kind != 'd') {
        for (; dimensions > 1; --dimensions)
            column.declared += "[]";
    }
    for (; type->kind == 'd'; type = &types.of(use)) {
        if (type->required) column.nullable = false;
        use = TypeUse(type->base, type->base_modifier);
    }
    facts.base_type = use.first;
    facts.type_modifier = use.second;
    facts.base_type_name = type->plain;
    set_type(column, facts, {type->schema, type->name, type->kind, type->array, use.second});
}

}  // namespace

void ask_columns(std::vector<CatalogQuery>& queries) {
    queries.push_back(
        {"SELECT co.oid FROM pg_collation co WHERE CASE WHEN co.collprovider = 'd' THEN (SELECT coalesce(to_jsonb(d) "
         "->> 'datlocprovider', 'c') = 'c' AND datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8') FROM pg_database d "
         "WHERE datname = current_database()) ELSE co.collprovider = 'c' AND co.collcollate IN ('C', 'POSIX', "
         "'C.UTF-8', 'C.utf8') END",
         take_collations});
    queries.push_back({cat("SELECT attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attidentity, "
                           "attgenerated, attcollation, attndims FROM pg_attribute WHERE attrelid >= ",
                           kFirstOid,
                           " AND attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE "
                           "relkind IN ('r', 'p', 'f')) ORDER BY attrelid, attnum"),
                       take_attributes});
    queries.push_back(
        {cat("SELECT adrelid, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid >= ", kFirstOid),
         take_defaults});
}

void read_types(Session& session, Catalog& catalog, const Places& places) {
    std::set<TypeUse> wanted;
    for (const Places::Untyped& place : places.untyped) {
        const ColumnFacts& facts = catalog.facts[place.table].columns[place.column];
        wanted.emplace(facts.type, facts.type_modifier);
    }
    Types types(session);
    types.read(std::move(wanted));
    for (const Places::Untyped& place : places.untyped) {
        set_column_type(catalog.schema.tables[place.table].columns[place.column],
                        catalog.facts[place.table].columns[place.column], types, place.dimensions);
    }
}

}  // namespace dbfixture::postgres
