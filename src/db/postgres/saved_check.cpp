// SPDX-License-Identifier: MIT
#include "db/postgres/saved_check.h"

#include <map>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

Error damaged(const std::string& place, const SavedTable& table, std::string_view why) {
    return Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged"))
        .with_detail(cat("The copy of table ", quote(cat(table.schema, ".", table.name)), " ", why, "."))
        .with_hint("another program changed it: have it leave schemas alone whose names begin with dbfixture_");
}

// Of a relation, as LiveTable::columns of the table that it is a copy of, but without numbers and labels.
std::string columns_query(const SavedTable& table) {
    return cat(
        "(SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), chr(10) "
        "ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = to_regclass(",
        text_literal(table.relation()), ") AND a.attnum > 0 AND NOT a.attisdropped)");
}

// Each line of the copy begins a line of the table's behind its number.
bool same_columns(std::string_view copy, std::string_view recorded) {
    while (!copy.empty() && !recorded.empty()) {
        const std::string_view a = copy.substr(0, copy.find('\n'));
        std::string_view b = recorded.substr(0, recorded.find('\n'));
        copy.remove_prefix(std::min(a.size() + 1, copy.size()));
        recorded.remove_prefix(std::min(b.size() + 1, recorded.size()));
        b.remove_prefix(std::min(b.find(' ') + 1, b.size()));
        if (!b.starts_with(a)) return false;
        b.remove_prefix(a.size());
        if (!b.empty() && !b.starts_with(" '")) return false;
    }
    return copy.empty() && recorded.empty();
}

// Rows in all, and of the transaction that wrote them.
std::string counts_query(const SavedManifest& manifest) {
    std::string out;
    std::map<std::string, std::uint64_t> packed;
    for (const SavedTable& table : manifest.tables) {
        if (table.packed()) {
            packed[table.kept_in] = table.written_by;
            continue;
        }
        append(out, cat(out.empty() ? "" : " UNION ALL ", "SELECT ", text_literal(table.kept_in), " AS o, ",
                        table.kept_as, " AS n, count(*), count(*) FILTER (WHERE xmin = '",
                        table.written_by & 0xFFFFFFFFU, "'::xid) FROM ONLY ", table.relation()));
    }
    for (const auto& [object, transaction] : packed) {
        append(out, cat(out.empty() ? "" : " UNION ALL ", "SELECT ", text_literal(object),
                        ", number, count(*), count(*) FILTER (WHERE xmin = '", transaction & 0xFFFFFFFFU,
                        "'::xid) FROM ONLY ", quote_identifier(object, kSavedPacked), " GROUP BY number"));
    }
    return out;
}

}  // namespace

void check_saved_rows(Session& session, const SavedManifest& manifest, const std::string& place) {
    std::string columns;
    for (std::size_t at = 0; at < manifest.tables.size(); ++at) {
        const SavedTable& table = manifest.tables[at];
        if (table.packed()) continue;
        append(columns, cat(columns.empty() ? "" : " UNION ALL ", "SELECT ", at, ", to_regclass(",
                            text_literal(table.relation()), ") IS NOT NULL, ", columns_query(table)));
    }
    if (!columns.empty()) {
        const Result found = session.run(columns);
        for (int row = 0; row < found.rows(); ++row) {
            const SavedTable& table = manifest.tables[static_cast<std::size_t>(found.integer(row, 0))];
            if (!found.boolean(row, 1)) throw damaged(place, table, "is gone");
            if (!same_columns(found.text(row, 2), table.columns))
                throw damaged(place, table, "does not have the columns that it was saved with");
        }
    }
    struct Rows {
        std::uint64_t all = 0, own = 0;
    };
    std::map<std::pair<std::string, int>, Rows> counted;
    if (const std::string counts = counts_query(manifest); !counts.empty()) {
        const Result found = session.run(counts);
        for (int row = 0; row < found.rows(); ++row) {
            counted[{found.string(row, 0), static_cast<int>(found.integer(row, 1))}] = {
                static_cast<std::uint64_t>(found.integer(row, 2)), static_cast<std::uint64_t>(found.integer(row, 3))};
        }
    }
    for (const SavedTable& table : manifest.tables) {
        const Rows rows = counted[{table.kept_in, table.kept_as}];
        if (rows.all != table.rows)
            throw damaged(place, table, cat("has ", plural(rows.all, "row"), ", saved were ", table.rows));
        if (rows.own != rows.all) throw damaged(place, table, "has rows that were not saved");
    }
}

void verify_copy(SavedSession& saved, const SavedState& state) {
    Session& session = saved.get();
    const SavedManifest manifest = read_saved_manifest(session, state);
    const std::string& place = state.over.empty() ? state.place : state.over.back();
    try {
        check_saved_rows(session, manifest, place);
    } catch (const PgError& error) {
        if (!error.diagnostics.sqlstate.starts_with("42")) throw;
        throw Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged"))
            .with_detail(error.diagnostics.message);
    }
}

}  // namespace dbfixture::postgres
