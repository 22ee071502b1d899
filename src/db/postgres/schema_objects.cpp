// SPDX-License-Identifier: MIT
#include "db/postgres/schema_objects.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "base/cat.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// Of each kind: its name and its definition, by the schema n.
struct Kind {
    std::string_view kind, select;
};
constexpr std::array<Kind, 8> kKinds = {{
    {"table",
     "SELECT n.nspname || '.' || c.relname, c.relkind::text || ' (' || (SELECT string_agg(a.attname || ' ' || "
     "format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || "
     "a.attidentity::text || a.attgenerated::text || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''), "
     "', ' ORDER BY a.attnum) FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = "
     "a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) || ')' || "
     "coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), '') || "
     "coalesce(' PARTITION ' || pg_get_expr(c.relpartbound, c.oid), '') || CASE c.relpersistence WHEN 'u' THEN "
     "' UNLOGGED' ELSE '' END "
     "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f')"},
    {"constraint",
     "SELECT n.nspname || '.' || c.relname || '.' || o.conname, pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN "
     "pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE o.contype <> 't'"},
    {"index",
     "SELECT n.nspname || '.' || c.relname, pg_get_indexdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE c.relkind IN ('i', 'I')"},
    {"view",
     "SELECT n.nspname || '.' || c.relname, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE c.relkind IN ('v', 'm')"},
    {"trigger",
     "SELECT n.nspname || '.' || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text "
     "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT "
     "t.tgisinternal"},
    {"function",
     "SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', "
     "pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN "
     "('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND "
     "x.deptype = 'e')"},
    {"sequence",
     "SELECT n.nspname || '.' || c.relname, concat_ws(' ', format_type(s.seqtypid, -1), s.seqstart, s.seqincrement, "
     "s.seqmin, s.seqmax, s.seqcache, s.seqcycle) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN "
     "pg_namespace n ON n.oid = c.relnamespace WHERE true"},
    {"type",
     "SELECT n.nspname || '.' || t.typname, coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY "
     "e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), format_type(nullif(t.typbasetype, 0), t.typtypmod), "
     "t.typtype::text) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', "
     "'r')"},
}};

}  // namespace

std::string schema_objects_query() {
    std::string out;
    for (const Kind& kind : kKinds) {
        append(out, cat(out.empty() ? "" : " UNION ALL ", "SELECT ", text_literal(kind.kind),
                        " AS kind, o.name, o.definition FROM (", kind.select, " AND ", kOurSchemas,
                        ") o(name, definition)"));
    }
    return out;
}

std::vector<SchemaObject> read_schema_objects(Session& session, const std::string& query) {
    const Result found = session.run(query);
    std::vector<SchemaObject> out;
    for (int row = 0; row < found.rows(); ++row)
        out.push_back({found.string(row, 0), found.string(row, 1), found.string(row, 2)});
    std::ranges::sort(out, {}, [](const SchemaObject& object) { return std::tie(object.kind, object.name); });
    return out;
}

}  // namespace dbfixture::postgres
