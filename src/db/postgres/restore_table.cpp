// SPDX-License-Identifier: MIT
// Rows of a copy count only if they bear the transaction that made the copy: what somebody else put into it is never
// put into a table. What is missing of a copy shows in the count before COMMIT.
#include "db/postgres/restore_table.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "db/postgres/restore_places.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::uint64_t kManyRows = 10'000;
constexpr int kKinds = 8192;  // of whole numbers, by their lowest bits

std::string list(const std::vector<std::string>& items, std::string_view between) {
    std::string out;
    for (const std::string& item : items)
        append(out, cat(out.empty() ? "" : between, item));
    return out;
}

// Whether a row is the state's. age() counts from the present transaction and does not change in it; for many rows it
// is asked once.
std::string is_same(const RestoreTable& table) {
    const std::string age = cat("age('", short_number(table.base), "'::xid)");
    std::string out = cat("age(xmin) > ", table.saved->rows < kManyRows ? age : cat("(SELECT ", age, ")"));
    std::string own;
    for (const std::uint64_t transaction : table.own)
        append(own, cat(own.empty() ? "" : ",", short_number(transaction)));
    return own.empty() ? out : cat("(", out, " OR xmin = ANY ('{", own, "}'::xid[]))");
}

std::string equal_keys(const RestoreTable& table, std::string_view copy, std::string_view row) {
    std::string out;
    for (const RestoreTable::KeyPart& part : table.key) {
        const std::string_view as = part.as_text ? "::text" : "";
        append(out, cat(out.empty() ? "" : " AND ", row, ".", part.column, as, " = ", copy, ".", part.column, as));
    }
    return out;
}

// SQL: that the row x has an equal one among the copies. Texts of packed rows are all that was kept of them.
std::string has_equal(const RestoreTable& table) {
    const std::string same =
        table.saved->packed() ? "c.row = (x.*)::text" : cat(equal_keys(table, "c", "x"), " AND c.* *= x.*");
    return cat("EXISTS (SELECT FROM ", table.copied(), " AND ", same, ")");
}

std::string from(const RestoreTable& table) {
    return cat(" FROM ONLY ", table.saved->sql_name);
}

std::string count_of(int number, std::string_view others, const std::string& source) {
    return cat("SELECT ", number, ", count(*), coalesce(cardinality(", others, "), 0), (", others, ")[1:", kMostPlaces,
               "]", source);
}

// `source`: for FROM; its rows are to be called `row`.
std::string insert_from(const RestoreTable& table, std::string_view row, const std::string& source) {
    std::string names, values;
    for (const std::string& column : table.into) {
        append(names, cat(names.empty() ? "" : ", ", column));
        append(values, cat(values.empty() ? "" : ", ", row, ".", column));
    }
    if (!names.empty()) names = cat(" (", names, ") OVERRIDING SYSTEM VALUE");
    return cat("INSERT INTO ", table.saved->sql_name, names, " SELECT ", values, " FROM ", source);
}

// The rows of the copy for which the condition on c holds, and the one on `row`, which is what is put in. OFFSET 0
// keeps a text from being read once for each column.
std::string insert_where(const RestoreTable& table, std::string_view row, const std::string& copies,
                         const std::string& missing) {
    const bool packed = table.saved->packed();
    return insert_from(table, row,
                       cat("(SELECT ", packed ? cat("c.row::", table.saved->sql_name, " AS r") : "c.*", " FROM ",
                           table.copied(), copies, packed ? " OFFSET 0" : "", ") s", missing));
}

// SQL: that a row has no counterpart in the table.
std::string not_there(const RestoreTable& table, std::string_view row) {
    return cat(" WHERE NOT EXISTS (SELECT", from(table), " x WHERE ", equal_keys(table, row, "x"), ")");
}

// An element of an array's text.
std::string enclose_element(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace

// As a CASE: nobody knows that it is all of them, and the planner would take a comparison for a few, and look each up
// in an index.
std::string RestoreTable::copied() const {
    return cat(saved->relation(), " c WHERE CASE WHEN c.xmin = '", short_number(saved->written_by),
               "'::xid THEN true END AND ", saved->condition());
}

bool RestoreTable::is_large() const {
    return !saved->packed() && saved->rows >= kManyRows && key.size() == 1 && key[0].whole;
}

bool RestoreTable::asks_for_keys() const {
    return !saved->packed() && saved->rows >= kManyRows && key.size() == 1 && !key[0].as_text && !changed.empty();
}

bool is_near(std::uint64_t transaction, std::uint64_t next) {
    constexpr std::uint64_t kFarthest = (std::uint64_t{1} << 31) - 1'000'000;
    return transaction > 0 && transaction <= next && next - transaction < kFarthest;
}

std::string short_number(std::uint64_t transaction) {
    return cat(transaction & 0xffff'ffffU);
}

std::string count_rows(const RestoreTable& table) {
    return count_of(table.saved->number, cat("array_agg(ctid) FILTER (WHERE NOT ", is_same(table), ")"), from(table));
}

std::string changed_rows(const RestoreTable& table) {
    return cat("SELECT ctid", from(table), " WHERE NOT ", is_same(table), " LIMIT ", kMostPlaces + 1);
}

std::string all_rows(const RestoreTable& table) {
    return cat("SELECT count(*)", from(table));
}

bool take_changed(RestoreTable& table, const Result& changed, const Result& all) {
    if (changed.rows() > static_cast<int>(kMostPlaces)) return false;
    table.unsorted = false;
    table.total = static_cast<std::uint64_t>(all.integer(0, 0));
    table.same = table.total - static_cast<std::uint64_t>(changed.rows());
    table.changed.clear();
    for (int row = 0; row < changed.rows(); ++row)
        table.changed.push_back(changed.string(row, 0));
    return true;
}

std::string compare_rows(const RestoreTable& table) {
    if (!table.key.empty()) {
        return count_of(table.saved->number, cat("array_agg(x.ctid) FILTER (WHERE NOT ", has_equal(table), ")"),
                        cat(from(table), " x"));
    }
    const std::string text = table.saved->packed() ? "c.row" : "(c.*)::text";
    const std::string rows = cat("SELECT (x.*)::text", from(table), " x"),
                      copies = cat("SELECT ", text, " FROM ", table.copied());
    return cat("SELECT ", table.saved->number, ", n, CASE WHEN EXISTS (", rows, " EXCEPT ALL ", copies, ") OR EXISTS (",
               copies, " EXCEPT ALL ", rows, ") THEN n ELSE 0 END, NULL FROM (SELECT count(*) AS n", from(table),
               ") t");
}

void take_counts(RestoreTable& table, const Result& found, int row) {
    table.total = static_cast<std::uint64_t>(found.integer(row, 1));
    const auto others = static_cast<std::uint64_t>(found.integer(row, 2));
    table.unsorted = false;
    table.same = table.total - others;
    table.changed.clear();
    if (others == 0 || others > kMostPlaces || found.is_null(row, 3)) return;
    // {"(0,1)","(0,2)"}
    std::string_view text = found.text(row, 3);
    for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1))
        table.changed.emplace_back(text.substr(at, text.find(')', at) + 1 - at));
}

std::string delete_rows(const RestoreTable& table) {
    const std::string statement = cat("DELETE", from(table));
    if (table.unsorted) return table.total == 0 ? "" : cat(statement, " WHERE NOT ", is_same(table));
    const bool compared = !table.believed && table.total != table.same;
    if (table.key.empty() && (compared || table.same != table.saved->rows)) return table.total == 0 ? "" : statement;
    if (table.total == table.same) return "";
    if (!table.changed.empty()) {
        return cat(statement, " WHERE ctid = ANY ('{\"", list(table.changed, "\",\""), "\"}')",
                   table.asks_for_keys() ? cat(" RETURNING ", table.key[0].column) : "");
    }
    return table.believed ? cat(statement, " WHERE NOT ", is_same(table))
                          : cat(statement, " x WHERE NOT ", has_equal(table));
}

std::string insert_rows_of_keys(const RestoreTable& table, const CopyPlaces* places, const Result& keys) {
    std::string all;
    std::vector<CopyPlaces::Keys> wanted;
    for (int row = 0; row < keys.rows(); ++row) {
        append(all, cat(all.empty() ? "" : ",", enclose_element(keys.text(row, 0))));
        if (places != nullptr) wanted.push_back({keys.integer(row, 0), keys.integer(row, 0)});
    }
    const auto among = [&](std::string_view row) {
        return cat(row, ".", table.key[0].column, " = ANY (", text_literal(cat("{", all, "}")), ")");
    };
    const std::string near = places == nullptr ? "" : places->rows(table, wanted);
    return near.empty() ? insert_where(table, "s", cat(" AND ", among("c")), "")
                        : insert_from(table, "s", cat(near, " WHERE ", among("s")));
}

namespace {

// The few rows are looked up in the index of the key, whatever the planner would guess.
std::uint64_t run_with_index(Session& session, const RestoreTable& table, const std::vector<std::string>& inserts) {
    session.run("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off");
    std::uint64_t rows = 0;
    for (const std::string& insert : inserts) {
        if (table.same + rows < table.saved->rows) rows += session.run(insert).affected();
    }
    session.run("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT");
    return rows;
}

}  // namespace

// What lies between two places is counted in the copy by its blocks, in the table by the index of the key: half the
// time of reading the keys.
std::uint64_t insert_between_places(Session& session, const RestoreTable& table, const CopyPlaces& places,
                                    ReaderBeside& beside) {
    std::vector<ReaderBeside::Question> questions = {{places.count_rows_between(table), true}};
    for (std::string& part : places.count_copies_between(table))
        questions.push_back({std::move(part)});
    const std::vector<Result> counts = beside.ask(session, std::move(questions));
    std::vector<std::int64_t> copies;
    for (std::size_t at = 1; at < counts.size(); ++at) {
        const std::vector<std::int64_t> part = counts[at].integers(0, 0);
        copies.insert(copies.end(), part.begin(), part.end());
    }
    const std::vector<CopyPlaces::Keys> wanted = places.differing(counts[0].integers(0, 0), copies);
    const std::string near = wanted.empty() ? "" : places.rows(table, wanted);
    return near.empty() ? 0
                        : run_with_index(session, table, {insert_from(table, "s", cat(near, not_there(table, "s")))});
}

// Where the counts of some thousand kinds of keys differ is told in half the time of a join; then the few rows of these
// kinds are looked up. Kinds are keys that are near to each other where the copy is in their order.
std::uint64_t insert_by_kinds(Session& session, const RestoreTable& table, const CopyPlaces* places) {
    const int shift = places == nullptr ? 0 : places->shift();
    const auto kind = [&](std::string_view of) {
        return places == nullptr ? cat(of, ".", table.key[0].column, " & ", kKinds - 1)
                                 : cat(of, ".", table.key[0].column, " >> ", shift);
    };
    const Result kinds = session.run(cat("SELECT array_agg(k) FROM (SELECT k FROM (SELECT ", kind("x"), " AS k, 1 AS n",
                                         from(table), " x UNION ALL SELECT ", kind("c"), ", -1 FROM ", table.copied(),
                                         ") r GROUP BY k HAVING sum(n) <> 0) d"));
    if (kinds.is_null(0, 0)) return 0;
    const auto among = [&](std::string_view row) {
        return cat(kind(row), " = ANY (", text_literal(kinds.text(0, 0)), ")");
    };
    const std::string missing = not_there(table, "s");
    std::vector<std::string> statements;
    if (places != nullptr) {
        std::vector<CopyPlaces::Keys> wanted;
        for (const std::int64_t one : kinds.integers(0, 0)) {
            const std::int64_t first = one * (std::int64_t{1} << shift);
            wanted.push_back({first, first + ((std::int64_t{1} << shift) - 1)});
        }
        if (const std::string near = places->rows(table, wanted); !near.empty())
            statements.push_back(insert_from(table, "s", cat(near, missing, " AND ", among("s"))));
    }
    statements.push_back(insert_where(table, "s", cat(" AND ", among("c")), missing));
    return run_with_index(session, table, statements);
}

std::string insert_missing(const RestoreTable& table) {
    if (table.same == table.saved->rows) return "";
    const std::string_view row = table.saved->packed() ? "(s.r)" : "s";
    if (table.key.empty() || table.same == 0) return insert_where(table, row, "", "");
    return insert_where(table, row, "", not_there(table, row));
}

void read_columns_to_write(Session& session, const std::vector<RestoreTable*>& tables) {
    std::string oids;
    for (const RestoreTable* table : tables)
        append(oids, cat(oids.empty() ? "" : ",", table->oid));
    // Keys of types whose "=" may be elsewhere are told apart by their texts; a key that is checked late may hold rows
    // twice under the replica role.
    const Result found = session.run(
        cat("SELECT a.attrelid, a.attname, a.attgenerated = '', NOT (coalesce(nullif(t.typbasetype, 0), t.oid) < 10000 "
            "OR t.typtype = 'e'), EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND "
            "NOT i.indimmediate), t.oid IN (20, 21, 23) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE "
            "a.attrelid = ANY ('{",
            oids, "}'::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"));
    for (RestoreTable* table : tables) {
        table->into.clear();
        table->key.clear();
    }
    for (int row = 0; row < found.rows(); ++row) {
        const auto oid = static_cast<Oid>(found.integer(row, 0));
        RestoreTable& table = **std::ranges::find(tables, oid, [](const RestoreTable* one) { return one->oid; });
        const std::string name = found.string(row, 1), quoted = quote_identifier(name);
        if (found.boolean(row, 2)) table.into.push_back(quoted);
        if (found.boolean(row, 4) || std::ranges::find(table.saved->key, name) == table.saved->key.end()) continue;
        table.key.push_back({quoted, found.boolean(row, 3), found.boolean(row, 5)});
    }
}

}  // namespace dbfixture::postgres
