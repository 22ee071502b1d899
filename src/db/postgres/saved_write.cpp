// SPDX-License-Identifier: MIT
#include "db/postgres/saved_write.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"
#include "db/saved_mark.h"

namespace dbfixture::postgres {
namespace {

// A table of its own takes 10 ms to make, the text of a row some 1 us.
constexpr std::uint64_t kMostPackedBytes = 128 * 1024;
constexpr std::size_t kPartsInStatement = 200;

std::string text_array(const std::vector<std::string>& items) {
    if (items.empty()) return "NULL::text[]";
    std::string out;
    for (const std::string& item : items)
        append(out, cat(out.empty() ? "ARRAY[" : ", ", text_literal(item)));
    return out + "]::text[]";
}

std::string or_null(const std::string& text) {
    return text.empty() ? "NULL" : text_literal(text);
}

std::string part_values(const StatePart& part) {
    const SavedTable& table = part.table;
    const bool kept_below = part.source.empty();
    return cat("(", table.number, ", ", table.oid, "::oid, ", table.root, "::oid, ", text_literal(table.schema), ", ",
               text_literal(table.name), ", ", text_literal(table.columns), ", ", text_array(table.key), ", ",
               table.rows, "::int8, '", table.base, "'::xid8, ", or_null(table.copied_as), ", ",
               kept_below ? text_literal(table.kept_in) : "NULL", ", ", kept_below ? cat(table.kept_as) : "NULL",
               "::int4, ", kept_below ? cat("'", table.written_by, "'::xid8") : "pg_current_xact_id()", ")");
}

// All in as few statements as there are hundreds: a statement each would be most of the time.
void write_packed(Session& session, const std::string& object, std::vector<StatePart>& parts) {
    const std::string packed = quote_identifier(object, kSavedPacked);
    std::string sql;
    std::size_t count = 0;
    const auto flush = [&] {
        if (sql.empty()) return;
        const Result found = session.run(cat("WITH w AS (INSERT INTO ", packed, " ", sql,
                                             " RETURNING number) SELECT number, count(*) FROM w GROUP BY number"));
        for (int row = 0; row < found.rows(); ++row)
            parts[static_cast<std::size_t>(found.integer(row, 0)) - 1].table.rows =
                static_cast<std::uint64_t>(found.integer(row, 1));
        sql.clear();
        count = 0;
    };
    for (const StatePart& part : parts) {
        if (part.source.empty() || !part.pack) continue;
        append(sql, cat(sql.empty() ? "" : " UNION ALL ", "SELECT ", part.table.number,
                        part.packed ? ", t.row FROM " : ", (t.*)::text FROM ", part.source, " t"));
        if (++count == kPartsInStatement) flush();
    }
    flush();
}

}  // namespace

StatePart part_of(const LiveTable& live, std::uint64_t base) {
    StatePart part;
    part.table.oid = live.oid;
    part.table.root = live.root;
    part.table.schema = live.schema;
    part.table.name = live.name;
    part.table.sql_name = live.sql_name;
    part.table.columns = live.columns;
    part.table.key = live.key;
    part.table.base = base;
    part.source = cat("ONLY ", live.sql_name);
    part.pack = live.packable && live.bytes <= kMostPackedBytes;
    part.bytes = live.bytes;
    return part;
}

std::vector<StatePart> parts_of(const LiveTables& live, std::uint64_t base) {
    std::vector<StatePart> out;
    for (const LiveTable& table : live.tables)
        out.push_back(part_of(table, base));
    return out;
}

StatePart part_of(const SavedTable& table) {
    StatePart part;
    part.table = table;
    part.pack = part.packed = table.packed();
    part.source =
        part.packed ? cat("(SELECT row FROM ", table.relation(), " WHERE ", table.condition(), ")") : table.relation();
    return part;
}

std::string values_query(const Result& rows, const std::vector<std::string_view>& types) {
    if (rows.rows() == 0) return "";
    std::string out;
    for (int row = 0; row < rows.rows(); ++row) {
        append(out, out.empty() ? "VALUES (" : ", (");
        for (std::size_t at = 0; at < types.size(); ++at) {
            const int column = static_cast<int>(at);
            append(out,
                   cat(at == 0 ? "" : ", ", rows.is_null(row, column) ? "NULL" : text_literal(rows.text(row, column)),
                       "::", types[at]));
        }
        out += ')';
    }
    return out;
}

std::uint64_t snapshot_base(Session& session) {
    return static_cast<std::uint64_t>(session.number("SELECT pg_snapshot_xmin(pg_current_snapshot())").value_or(0));
}

// One that has given out a number says so without being opened by a statement, which is most of the time otherwise.
std::string live_sequences_query(Session& session) {
    const Result found = session.run(
        cat("SELECT c.oid, n.nspname, c.relname, has_schema_privilege(n.oid, 'USAGE') AND "
            "has_sequence_privilege(c.oid, 'SELECT'), pg_sequence_last_value(c.oid) FROM pg_class c JOIN pg_namespace "
            "n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND ",
            kOurSchemas,
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
            "d.deptype = 'e')"));
    std::string known, asked;
    for (int row = 0; row < found.rows(); ++row) {
        if (!found.boolean(row, 3)) {
            throw Error(ErrorKind::kFailure,
                        cat("cannot save sequence ", quote(cat(found.text(row, 1), ".", found.text(row, 2)))))
                .with_detail("This role has no privilege to read it.")
                .with_hint("connect as its owner, or have it granted (GRANT SELECT)");
        }
        const std::string who = cat(found.text(row, 0), "::oid, ", text_literal(found.text(row, 1)), "::text, ",
                                    text_literal(found.text(row, 2)), "::text, ");
        if (!found.is_null(row, 4)) {
            append(known, cat(known.empty() ? "" : ", ", "(", who, found.text(row, 4), "::int8, true)"));
        } else {
            append(asked, cat(asked.empty() ? "" : " UNION ALL ", "SELECT ", who, "s.last_value, s.is_called FROM ",
                              quote_identifier(found.text(row, 1), found.text(row, 2)), " s"));
        }
    }
    if (known.empty() && asked.empty()) return "";
    return cat("SELECT oid, schema, name, last_value, is_called FROM (", known.empty() ? "" : "VALUES ", known,
               known.empty() || asked.empty() ? "" : " UNION ALL ", asked,
               ") q(oid, schema, name, last_value, is_called)");
}

std::vector<Oid> oids_of(const std::vector<LiveTables::Other>& others) {
    std::vector<Oid> out;
    for (const LiveTables::Other& other : others)
        out.push_back(other.oid);
    return out;
}

void require_create(Session& session) {
    const Result found =
        session.run("SELECT has_database_privilege(current_database(), 'CREATE'), current_database(), current_user");
    if (found.boolean(0, 0)) return;
    throw Error(ErrorKind::kFailure, cat("cannot save copies in ", quote(session.location().shown, 200)))
        .with_detail(cat("The role ", quote(found.text(0, 2)), " may not create a schema in it."))
        .with_hint(cat("have it granted (GRANT CREATE ON DATABASE ", quote_identifier(found.text(0, 1)), " TO ",
                       quote_identifier(found.text(0, 2)), "), or save records with --serialized"));
}

void write_description(Session& session, const StateDescription& description) {
    const auto in = [&](std::string_view name) { return quote_identifier(description.object, name); };
    std::string others;
    for (const Oid oid : description.others)
        append(others, cat(others.empty() ? "" : ",", oid));
    std::string sql = create_saved_schema(description.object, mark_for(description.place));
    if (!description.objects.empty()) append(sql, cat("; INSERT INTO ", in(kSavedObjects), " ", description.objects));
    if (!description.sequences.empty())
        append(sql, cat("; INSERT INTO ", in(kSavedSequences), " ", description.sequences));
    append(sql, cat("; INSERT INTO ", in(kSavedState), " SELECT ", kSavedLayoutVersion,
                    ", s.system_identifier::text, d.oid, '", description.base, "'::xid8, ",
                    schema_digest(in(kSavedObjects)), ", '{", others, "}', 'dbfixture ", DBFIXTURE_VERSION,
                    "' FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"));
    if (!description.digest.empty()) append(sql, cat("; INSERT INTO ", in(kSavedDigest), " ", description.digest));
    session.run(sql);
}

void write_parts(Session& session, const std::string& object, std::vector<StatePart>& parts) {
    int number = 0;
    for (StatePart& part : parts) {
        part.table.number = ++number;
        if (part.source.empty()) continue;
        part.table.rows = 0;
        part.table.copied_as = part.pack ? "" : copy_name(number);
        if (part.pack) continue;
        part.table.rows = session
                              .run(cat("CREATE TABLE ", quote_identifier(object, part.table.copied_as),
                                       " AS SELECT * FROM ", part.source, " t"))
                              .affected();
    }
    write_packed(session, object, parts);
    write_part_rows(session, object, parts);
}

void write_part_rows(Session& session, const std::string& object, const std::vector<StatePart>& parts) {
    std::string values;
    for (const StatePart& part : parts)
        append(values, cat(values.empty() ? "" : ", ", part_values(part)));
    if (!values.empty())
        session.run(cat("INSERT INTO ", quote_identifier(object, kSavedTables),
                        " (number, oid, root, schema, name, columns, key_columns, rows, base, copied_as, kept_in, "
                        "kept_as, written_by) VALUES ",
                        values));
}

SavedState describe_saved(Session& session, const std::string& object, const std::string& place) {
    const std::vector<Result> found =
        session.run_all(cat(saved_description_query(object),
                            "; SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 FROM pg_class c WHERE "
                            "c.relnamespace = ",
                            text_literal(quote_identifier(object)), "::regnamespace AND c.relkind = 'r'"));
    SavedState state;
    state.kind = StateKind::kCopy;
    state.place = place;
    state.checksum = saved_checksum(std::span(found).first(3));
    state.bytes = static_cast<std::uint64_t>(found[3].integer(0, 0));
    return state;
}

}  // namespace dbfixture::postgres
