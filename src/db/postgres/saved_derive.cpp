// SPDX-License-Identifier: MIT
// What the database would be after a change, saved while it stays as it is.
//
//  1. The change is made in a transaction that is rolled back, under the locks of a save. It may lock tables against
//     everybody, so what is saved is written by a second session that touches none of them: definitions, sequences and
//     rows go through here.
//  2. Numbers of sequences are not undone by a rollback, unless the transaction has first begun them anew, as only
//     their owner may; it then blocks others that want numbers.
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/connection.h"
#include "db/postgres/copy.h"
#include "db/postgres/restore_schema.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_place.h"
#include "db/postgres/saved_write.h"
#include "db/postgres/schema_objects.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// Rule 2.
void hold_sequences(Session& session) {
    const std::string sequences = live_sequences_query(session);
    if (sequences.empty()) return;
    const Result found =
        session.run(cat("SELECT q.schema, q.name, q.last_value, q.is_called, pg_has_role(c.relowner, 'USAGE') FROM (",
                        sequences, ") q JOIN pg_class c ON c.oid = q.oid"));
    std::string sql;
    for (int row = 0; row < found.rows(); ++row) {
        const std::string name = quote_identifier(found.text(row, 0), found.text(row, 1));
        if (!found.boolean(row, 4)) {
            throw Error(ErrorKind::kFailure, cat("cannot put sequence ", quote(name, 200), " back"))
                .with_detail("This role does not own it.")
                .with_hint("connect as its owner");
        }
        append(sql, cat("ALTER SEQUENCE ", name, " RESTART; SELECT setval(", text_literal(name), "::regclass, ",
                        found.text(row, 2), ", ", found.boolean(row, 3) ? "true" : "false", "); "));
    }
    if (!sql.empty()) session.run(sql);
}

// "name type, ..." of a table, and its names alone.
struct Columns {
    std::string definitions, names;
};
Columns columns_of(Session& session, Oid table) {
    const Result found = session.run(
        cat("SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum), "
            "string_agg('t.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = ",
            table, " AND attnum > 0 AND NOT attisdropped"));
    return {found.string(0, 0), found.string(0, 1)};
}

std::uint64_t carry(Session& from, const std::string& read, Session& to, const std::string& write) {
    CopyOut out(from, read);
    CopyIn in(to, write);
    for (std::string_view line; out.next(line);) {
        in.put(line);
        in.put("\n");
    }
    return in.finish();
}

void carry_rows(Session& from, Session& to, const std::string& object, std::vector<StatePart>& parts) {
    int number = 0;
    for (StatePart& part : parts) {
        part.table.number = ++number;
        part.table.copied_as = part.pack ? "" : copy_name(number);
        if (part.pack) {
            part.table.rows =
                carry(from, cat("COPY (SELECT ", number, ", (t.*)::text FROM ", part.source, " t) TO STDOUT"), to,
                      cat("COPY ", quote_identifier(object, kSavedPacked), " (number, row) FROM STDIN"));
            continue;
        }
        const Columns columns = columns_of(from, part.table.oid);
        const std::string copy = quote_identifier(object, part.table.copied_as);
        to.run(cat("CREATE TABLE ", copy, " (", columns.definitions, ")"));
        part.table.rows = carry(from, cat("COPY (SELECT ", columns.names, " FROM ", part.source, " t) TO STDOUT"), to,
                                cat("COPY ", copy, " FROM STDIN"));
    }
}

}  // namespace

SavedState derive_copy(SavedSession& saved, const std::string& place, const std::function<void(Connection&)>& change) {
    NewPlace target(saved, place);
    Session& session = saved.get();
    require_create(session);
    const std::unique_ptr<Session> writer = session.another();
    std::optional<Transaction> work;
    const LiveTables live = lock_live_tables(session, work);
    hold_sequences(session);
    StateDescription description;
    description.object = target.object();
    description.place = place;
    description.base = snapshot_base(session);
    description.objects = values_query(session.run(schema_objects_query()), {"text", "text", "text"});
    description.others = oids_of(live.others);
    description.digest = catalog_digest();
    {
        const std::unique_ptr<Connection> copy = open_postgres_inside(session);
        change(*copy);
    }
    session.run("SET LOCAL search_path = pg_catalog");
    std::vector<StatePart> parts = parts_of(read_live_tables(session), 0);  // as large as they are now
    if (const std::string sequences = live_sequences_query(session); !sequences.empty())
        description.sequences = values_query(session.run(sequences), {"oid", "text", "text", "int8", "bool"});
    Transaction transaction(*writer);
    writer->run("SET LOCAL synchronous_commit = local");
    write_description(*writer, description);
    carry_rows(session, *writer, target.object(), parts);
    write_part_rows(*writer, target.object(), parts);
    SavedState derived = describe_saved(*writer, target.object(), place);
    transaction.commit();
    target.keep();
    return derived;
}

}  // namespace dbfixture::postgres
