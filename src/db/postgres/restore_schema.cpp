// SPDX-License-Identifier: MIT
#include "db/postgres/restore_schema.h"

#include <array>
#include <string_view>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/schema_objects.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// What counts of each catalog, and whose rows count: n are the user's schemas, c their relations.
struct Part {
    std::string_view columns, from;
};
constexpr std::array<Part, 12> kParts = {{
    {"oid, relname, relnamespace, relkind, relpersistence, relispartition, reloptions, relpartbound",
     "pg_class WHERE oid >= 16384 AND relnamespace IN (SELECT oid FROM n)"},
    {"attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attidentity, attgenerated, attisdropped, "
     "attcollation",
     "pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND attrelid IN (SELECT oid FROM c)"},
    {"adrelid, adnum, adbin", "pg_attrdef WHERE adrelid IN (SELECT oid FROM c)"},
    {"conname, contype, condeferrable, condeferred, convalidated, conrelid, contypid, confrelid, conparentid, "
     "confupdtype, confdeltype, confmatchtype, conkey, confkey, conbin",
     "pg_constraint WHERE connamespace IN (SELECT oid FROM n)"},
    {"indexrelid, indrelid, indisunique, indisprimary, indimmediate, indisexclusion, indisvalid, indnkeyatts, indkey, "
     "indclass, indoption, indcollation, indexprs, indpred",
     "pg_index WHERE indexrelid >= 16384 AND indrelid IN (SELECT oid FROM c)"},
    {"tgrelid, tgname, tgfoid, tgtype, tgenabled, tgdeferrable, tginitdeferred, tgattr, tgargs, tgqual",
     "pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM c)"},
    {"ev_class, rulename, ev_type, ev_enabled, is_instead, ev_qual, ev_action",
     "pg_rewrite WHERE oid >= 16384 AND ev_class IN (SELECT oid FROM c)"},
    {"oid, proname, prolang, prokind, prosecdef, provolatile, proisstrict, prorettype, proargtypes, proallargtypes, "
     "proargnames, proargdefaults, prosrc, probin, prosqlbody, proconfig",
     "pg_proc WHERE oid >= 16384 AND pronamespace IN (SELECT oid FROM n)"},
    {"oid, typname, typtype, typnotnull, typbasetype, typtypmod, typdefault",
     "pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd', 'r', 'm') AND typnamespace IN (SELECT oid FROM n)"},
    {"enumtypid, enumsortorder, enumlabel", "pg_enum"},
    {"seqrelid, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle",
     "pg_sequence WHERE seqrelid IN (SELECT oid FROM c)"},
    {"inhrelid, inhparent, inhseqno", "pg_inherits WHERE inhrelid IN (SELECT oid FROM c)"},
}};

// The words for one object: 'n' new, 'g' gone, 'd' different.
std::string word(const Result& found, int row) {
    const std::string_view how = found.text(row, 2) == "n"   ? " is new"
                                 : found.text(row, 2) == "g" ? " is gone"
                                                             : " has changed";
    return cat(found.text(row, 0), " ", quote(found.text(row, 1), 120), how);
}

}  // namespace

std::string catalog_digest() {
    std::string sums;
    for (const Part& part : kParts) {
        append(sums,
               cat(sums.empty() ? "" : ", ", "(SELECT concat(count(*), ' ', sum(hashtextextended(concat_ws(chr(31), ",
                   part.columns, "), 0))) FROM ", part.from, ")"));
    }
    return cat("WITH n AS MATERIALIZED (SELECT n.oid, n.nspname FROM pg_namespace n WHERE ", kOurSchemas,
               "), c AS MATERIALIZED (SELECT oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM n)) SELECT "
               "md5(concat_ws(',', (SELECT string_agg(concat(oid, nspname), ',' ORDER BY oid) FROM n), ",
               sums, ")) AS digest");
}

void require_same_schema(Session& session, const SavedManifest& manifest) {
    const std::string live = cat("(", schema_objects_query(), ")");
    const Result same = session.run(cat("SELECT ", schema_digest(live), " = ", text_literal(manifest.fingerprint)));
    if (same.boolean(0, 0)) return;
    // Tables first: what else differs mostly belongs to them.
    const Result found = session.run(cat(
        "SELECT kind, name, CASE WHEN then_has AND now_has THEN 'd' WHEN now_has THEN 'n' ELSE 'g' END FROM (SELECT "
        "kind, name, bool_or(NOT is_live) AS then_has, bool_or(is_live) AS now_has, array_agg(DISTINCT definition) "
        "FILTER (WHERE is_live) IS DISTINCT FROM array_agg(DISTINCT definition) FILTER (WHERE NOT is_live) AS "
        "differs FROM (SELECT kind, name, definition, true AS is_live FROM ",
        live, " l UNION ALL SELECT kind, name, definition, false FROM ",
        quote_identifier(manifest.object, kSavedObjects),
        " s) o GROUP BY kind, name) x WHERE differs ORDER BY kind <> 'table', kind, name"));
    std::vector<std::string> words;
    for (int row = 0; row < found.rows(); ++row)
        words.push_back(word(found, row));
    constexpr std::size_t kMost = 8;
    std::string all;
    for (std::size_t i = 0; i < words.size() && i < kMost; ++i)
        append(all, cat(all.empty() ? "" : ", ", words[i]));
    if (words.size() > kMost) append(all, cat(" and ", words.size() - kMost, " more"));
    if (all.empty()) all = "What the state says of its schema has changed";
    throw Error(ErrorKind::kInput, "the schema is not the one that the state was saved with")
        .with_detail(cat(all, "."))
        .with_hint("undo the change, save the state again, or save it with --template, which restores the schema too");
}

}  // namespace dbfixture::postgres
