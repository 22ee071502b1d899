// SPDX-License-Identifier: MIT
// The schema that holds a state of kind "copy": relations of fixed names, and the copies of tables. Private to this
// folder, and to the version of the program that `state` names: another one is refused.
//
//     state      one row: what the state is of
//     tables     one row for each table that has rows of its own (partitions by themselves), of all schemas
//     packed     the rows of small tables, as their texts: a table of its own each would cost 10 ms
//     t<number>  logged copies of the larger ones, without indexes: all columns, those that are generated, too
//     sequences  where each stands
//     objects    what the schema defined (Connection::schema_objects), to say what differs
//     written    what our own restores of this state have learnt of the tables that they wrote or compared: the same
//                as in `tables`, and the transactions of these restores that are not older than `base`
//     digest     one row at most: the catalog when the schema was last seen to be the state's (restore_schema.h)
//     sums       of small tables: a sum over their rows (restore_sums.h)
//     seen       one row at most: the catalogs when `digest` was last compared (restore_catalog.h)
//
//  1. Nothing of it but `written`, `digest` and `seen` changes after the transaction that made it. tables.written_by is
//  the
//     number of the transaction that made a table's copy: whatever row of a copy bears another one was put in by
//     somebody else.
//  2. A state may be a difference: tables.kept_in then names the schema below that has the table's rows, under the
//     number kept_as there. Everything else is in the topmost schema.
//  3. tables.base: rows of the table whose transaction is older are those of the state (reference/postgresql.md,
//     section 7). It differs by table where states were merged or layered; 0: no row of the database is known to be.
#pragma once

#include <string>
#include <string_view>

#include "base/cat.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {

inline constexpr int kSavedLayoutVersion = 2;

inline constexpr std::string_view kSavedState = "state";
inline constexpr std::string_view kSavedTables = "tables";
inline constexpr std::string_view kSavedPacked = "packed";
inline constexpr std::string_view kSavedSequences = "sequences";
inline constexpr std::string_view kSavedObjects = "objects";
inline constexpr std::string_view kSavedWritten = "written";
inline constexpr std::string_view kSavedDigest = "digest";
inline constexpr std::string_view kSavedSums = "sums";
inline constexpr std::string_view kSavedSeen = "seen";

// The name of a copy inside of its schema.
inline std::string copy_name(int number) {
    return cat("t", number);
}

// The statements that make the empty schema, with its mark. `others`: tables without rows of their own.
inline std::string create_saved_schema(const std::string& object, const std::string& mark) {
    const auto in = [&](std::string_view name) { return quote_identifier(object, name); };
    return cat(
        "CREATE SCHEMA ", quote_identifier(object), "; COMMENT ON SCHEMA ", quote_identifier(object), " IS ",
        text_literal(mark), "; CREATE TABLE ", in(kSavedState),
        " (version int4 NOT NULL, system_identifier text NOT NULL, database oid NOT NULL, base xid8 NOT NULL, "
        "fingerprint text NOT NULL, others oid[] NOT NULL, tool text NOT NULL); CREATE TABLE ",
        in(kSavedTables),
        " (number int4 NOT NULL, oid oid NOT NULL, root oid NOT NULL, schema text NOT NULL, name text NOT NULL, "
        "columns text NOT NULL, key_columns text[], rows int8 NOT NULL, base xid8 NOT NULL, copied_as text, "
        "kept_in text, kept_as int4, written_by xid8 NOT NULL); CREATE TABLE ",
        in(kSavedPacked), " (number int4 NOT NULL, row text NOT NULL); CREATE INDEX ON ", in(kSavedPacked),
        " (number); CREATE TABLE ", in(kSavedSequences),
        " (oid oid NOT NULL, schema text NOT NULL, name text NOT NULL, last_value int8 NOT NULL, is_called bool NOT "
        "NULL); CREATE TABLE ",
        in(kSavedObjects), " (kind text NOT NULL, name text NOT NULL, definition text); CREATE TABLE ",
        in(kSavedWritten),
        " (number int4 PRIMARY KEY, oid oid NOT NULL, columns text NOT NULL, base xid8 NOT NULL, own xid8[] NOT "
        "NULL); CREATE TABLE ",
        in(kSavedDigest), " (digest text NOT NULL); CREATE TABLE ", in(kSavedSums),
        " (number int4 NOT NULL, sum text NOT NULL); CREATE TABLE ", in(kSavedSeen),
        " (rows int8 NOT NULL, base xid8 NOT NULL, own xid8[] NOT NULL, large_objects int8 NOT NULL, guarded bool NOT "
        "NULL)");
}

}  // namespace dbfixture::postgres
