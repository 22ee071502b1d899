// SPDX-License-Identifier: MIT
#include "db/postgres/restore_catalog.h"

#include <array>
#include <string_view>

#include "base/cat.h"
#include "db/postgres/restore_table.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// Those of catalog_digest(), and what else a restore asks for.
constexpr std::array<std::string_view, 14> kCatalogs = {"pg_namespace",  "pg_class",
                                                        "pg_attribute",  "pg_attrdef",
                                                        "pg_constraint", "pg_index",
                                                        "pg_trigger",    "pg_rewrite",
                                                        "pg_proc",       "pg_type",
                                                        "pg_enum",       "pg_sequence",
                                                        "pg_inherits",   "pg_largeobject_metadata"};

}  // namespace

std::string seen_catalog_query(const std::string& object) {
    return cat("SELECT rows, base, own, large_objects, guarded FROM ", quote_identifier(object, kSavedSeen));
}

SeenCatalog take_seen_catalog(const Result& found) {
    SeenCatalog out;
    if (found.rows() != 1) return out;
    out.known = true;
    out.rows = static_cast<std::uint64_t>(found.integer(0, 0));
    out.base = found.transaction(0, 1);
    for (const std::int64_t own : found.integers(0, 2))
        out.own.push_back(static_cast<std::uint64_t>(own));
    out.large_objects = static_cast<std::uint64_t>(found.integer(0, 3));
    out.guarded = found.boolean(0, 4);
    return out;
}

std::string catalog_rows_query(const SeenCatalog& seen) {
    std::string rows, own;
    for (const std::string_view catalog : kCatalogs)
        append(rows, cat(rows.empty() ? "" : " UNION ALL ", "SELECT xmin AS x FROM ", catalog));
    for (const std::uint64_t transaction : seen.own)
        append(own, cat(own.empty() ? "" : ",", short_number(transaction)));
    if (!own.empty()) own = cat(" AND x <> ALL ('{", own, "}'::xid[])");
    const std::string newer =
        seen.known ? cat("count(*) FILTER (WHERE age(x) <= age('", short_number(seen.base), "'::xid)", own, ")") : "1";
    return cat("SELECT count(*), ", newer, " FROM (", rows, ") r");
}

std::string keep_seen_catalog(const std::string& object, const SeenCatalog& seen, bool ours) {
    const std::string table = quote_identifier(object, kSavedSeen);
    std::string own;
    for (const std::uint64_t transaction : seen.own) {
        if (transaction >= seen.base) append(own, cat(own.empty() ? "" : ",", transaction));
    }
    return cat("DELETE FROM ", table, "; INSERT INTO ", table, " VALUES (", seen.rows, ", '", seen.base, "', '{", own,
               "}'::xid8[]", ours ? " || pg_current_xact_id()" : "", ", ", seen.large_objects, ", ",
               seen.guarded ? "true" : "false", ")");
}

}  // namespace dbfixture::postgres
