// SPDX-License-Identifier: MIT
#include "db/postgres/saved_tables.h"

#include <algorithm>
#include <string_view>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr int kMostTries = 5;

// The columns of what addresses a row: primary key, else what replicas go by, else the unique index of fewest columns.
constexpr std::string_view kKey =
    "(SELECT array_to_string(array_agg(a.attname::text ORDER BY k.place), chr(31)) FROM (SELECT i.indkey, "
    "i.indnkeyatts FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique "
    "AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indimmediate OR i.indisprimary) AND NOT "
    "EXISTS (SELECT FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) u(att) JOIN pg_attribute n ON n.attrelid = "
    "c.oid AND n.attnum = u.att WHERE NOT n.attnotnull) ORDER BY i.indisprimary DESC, i.indisreplident DESC, "
    "i.indnkeyatts, x.relname COLLATE \"C\" LIMIT 1) i CROSS JOIN LATERAL unnest((i.indkey::int2[])[0:i.indnkeyatts - "
    "1]) WITH ORDINALITY k(att, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.att)";

// Of all tables at once: asked for each by itself, it would be most of the time. Domains are left out of what is
// packed: reading a text again would check them, and rows may be from before a check. So are types whose texts are
// names of things that may be gone.
constexpr std::string_view kColumns =
    "LEFT JOIN (SELECT a.attrelid, string_agg(a.attnum || ' ' || quote_ident(a.attname) || ' ' || "
    "format_type(a.atttypid, a.atttypmod) || CASE WHEN 'e' IN (t.typtype, l.typtype) OR t.typbasetype <> 0 THEN "
    "coalesce(' ' || (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE "
    "e.enumtypid IN (t.oid, t.typelem, t.typbasetype)), '') ELSE '' END, chr(10) ORDER BY a.attnum) AS texts, "
    "bool_and(CASE t.typtype WHEN 'e' THEN true WHEN 'b' THEN t.typname !~ '^_?(reg|aclitem)' AND (l.typtype IS NULL "
    "OR l.typtype IN ('b', 'e')) WHEN 'r' THEN t.typnamespace = 'pg_catalog'::regnamespace WHEN 'm' THEN "
    "t.typnamespace = 'pg_catalog'::regnamespace ELSE false END) AS packable FROM pg_attribute a JOIN pg_type t ON "
    "t.oid = a.atttypid LEFT JOIN pg_type l ON l.oid = t.typelem AND t.typcategory = 'A' WHERE a.attrelid IN (SELECT "
    "oid FROM pg_class WHERE relkind IN ('r', 'p', 'f')) AND a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid) "
    "a ON a.attrelid = c.oid";

constexpr std::string_view kFrom = " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ";
constexpr std::string_view kNotExtensions =
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype "
    "= 'e') ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

// What is not packed is not read whole to know how large it is: toast tables count, maps of free space do not.
constexpr std::string_view kSize =
    "CASE c.relkind WHEN 'r' THEN pg_relation_size(c.oid) + CASE c.reltoastrelid WHEN 0 THEN 0 ELSE "
    "pg_relation_size(c.reltoastrelid) END END";

std::string list_query() {
    return cat(
        "SELECT c.oid, CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END, n.nspname, "
        "c.relname, c.relkind, ",
        kKey, ", coalesce(a.texts, ''), ", kSize,
        ", has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, "
        "'UPDATE, DELETE, TRUNCATE'), row_security_active(c.oid), coalesce(a.packable, true)",
        kFrom, kColumns, " WHERE c.relkind IN ('r', 'p', 'f') AND ", kOurSchemas, kNotExtensions);
}

// What must be known before the lock: names, and what this role may do.
std::string names_query() {
    return cat(
        "SELECT c.oid, c.oid, n.nspname, c.relname, c.relkind, NULL, NULL, NULL, has_schema_privilege(n.oid, 'USAGE') "
        "AND has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), "
        "row_security_active(c.oid), false",
        kFrom, "WHERE c.relkind IN ('r', 'p', 'f') AND ", kOurSchemas, kNotExtensions);
}

void require_all(const LiveTables& live) {
    for (const LiveTable& table : live.tables) {
        const std::string name = cat(table.schema, ".", table.name);
        std::string why, hint;
        if (!table.can_select || !table.can_lock) {
            why = !table.can_select ? "This role has no privilege to read it."
                                    : "This role has no privilege to change it, so it cannot hold writers off.";
            hint = "a state is of all tables: connect as their owner, or have it granted";
        } else if (table.row_security) {
            why = "Row-level security hides rows of it from this role.";
            hint = "a state is of all rows: connect as the table's owner or as a role with BYPASSRLS";
        }
        if (why.empty()) continue;
        throw Error(ErrorKind::kFailure, cat("cannot save table ", quote(name))).with_detail(why).with_hint(hint);
    }
}

// Partitioned tables too: nobody adds a partition meanwhile.
std::string lock_statement(const LiveTables& live) {
    std::string names;
    const auto add = [&](const std::string& name) {
        append(names, cat(names.empty() ? "LOCK TABLE ONLY " : ", ONLY ", name));
    };
    for (const LiveTable& table : live.tables)
        add(table.sql_name);
    for (const LiveTables::Other& other : live.others) {
        if (other.kind == 'p') add(other.sql_name);
    }
    return names.empty() ? names : cat(names, " IN SHARE ROW EXCLUSIVE MODE");
}

std::vector<std::string> identities(const LiveTables& live) {
    std::vector<std::string> out;
    for (const LiveTable& table : live.tables)
        out.push_back(cat(table.oid, " ", table.sql_name));
    for (const LiveTables::Other& other : live.others)
        out.push_back(cat(other.oid, " ", other.sql_name));
    return out;
}

LiveTables take_tables(const Result& found) {
    LiveTables live;
    for (int row = 0; row < found.rows(); ++row) {
        const std::string name = quote_identifier(found.text(row, 2), found.text(row, 3));
        const char kind = found.letter(row, 4);
        const auto oid = static_cast<Oid>(found.integer(row, 0));
        if (kind != 'r') {
            live.others.push_back(
                {oid, static_cast<Oid>(found.integer(row, 1)), kind, found.string(row, 2), found.string(row, 3), name});
            continue;
        }
        LiveTable table;
        table.oid = oid;
        table.root = static_cast<Oid>(found.integer(row, 1));
        table.schema = found.string(row, 2);
        table.name = found.string(row, 3);
        table.sql_name = name;
        table.key = split_names(found.text(row, 5));
        table.columns = found.string(row, 6);
        table.bytes = static_cast<std::uint64_t>(found.integer(row, 7));
        table.can_select = found.boolean(row, 8);
        table.can_lock = found.boolean(row, 9);
        table.row_security = found.boolean(row, 10);
        table.packable = found.boolean(row, 11);
        live.tables.push_back(std::move(table));
    }
    return live;
}

}  // namespace

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\x1f'), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

LiveTables read_live_tables(Session& session) {
    return take_tables(session.run(list_query()));
}

LiveTables lock_live_tables(Session& session, std::optional<Transaction>& transaction) {
    LiveTables before;
    for (int tries = 0; tries < kMostTries; ++tries) {
        transaction.reset();
        transaction.emplace(session);
        before = take_tables(session.run(names_query()));
        require_all(before);
        const std::string statement = lock_statement(before);
        try {
            if (!statement.empty()) session.lock(statement);
        } catch (const PgError& error) {
            if (!error.diagnostics.sqlstate.starts_with("42P01") && error.diagnostics.sqlstate != "3F000") throw;
            continue;  // dropped since
        }
        LiveTables after = read_live_tables(session);
        if (identities(before) == identities(after)) return after;
    }
    throw Error(ErrorKind::kBusy,
                cat("tables of ", quote(session.location().shown, 200), " are created or dropped all the time"))
        .with_hint("end what does it, or try again");
}

std::string schema_digest(const std::string& source) {
    return cat(
        "(SELECT to_hex(hashtextextended(x.s, 0)) || to_hex(hashtextextended(x.s, 1)) FROM (SELECT "
        "coalesce(string_agg(concat_ws(chr(31), o.kind, o.name, o.definition), chr(30) ORDER BY o.kind COLLATE \"C\", "
        "o.name COLLATE \"C\", o.definition COLLATE \"C\"), '') AS s FROM ",
        source, " o) x)");
}

}  // namespace dbfixture::postgres
