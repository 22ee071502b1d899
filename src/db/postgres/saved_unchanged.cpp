// SPDX-License-Identifier: MIT
#include "db/postgres/saved_unchanged.h"

#include <map>

#include "base/cat.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// Rows whose transaction is further away than this cannot be told from newer ones by their 32 bits.
constexpr std::uint64_t kFarthest = (std::uint64_t{1} << 31) - 1'000'000;
// What is compared row by row: larger tables that somebody wrote to are as good as changed.
constexpr std::uint64_t kMostCompared = 1000;

struct Known {
    std::uint64_t base = 0;
    std::string own;  // transactions, as their short numbers: "'7'::xid, '9'::xid"
};

std::string short_number(std::uint64_t transaction) {
    return cat("'", transaction & 0xFFFFFFFFU, "'::xid");
}

// What our own restores of the state left, of tables that are still the ones it was saved from.
std::map<int, Known> read_known(Session& session, const SavedManifest& manifest) {
    const Result found =
        session.run(cat("SELECT w.number, w.base, w.own FROM ", quote_identifier(manifest.object, kSavedWritten),
                        " w JOIN ", quote_identifier(manifest.object, kSavedTables),
                        " t ON t.number = w.number AND t.oid = w.oid AND t.columns = w.columns"));
    std::map<int, Known> out;
    for (int row = 0; row < found.rows(); ++row) {
        Known known{found.transaction(row, 1), ""};
        for (const std::int64_t own : found.integers(row, 2))
            append(known.own, cat(known.own.empty() ? "" : ", ", short_number(static_cast<std::uint64_t>(own))));
        out.emplace(static_cast<int>(found.integer(row, 0)), std::move(known));
    }
    return out;
}

// Both ways: rows that occur twice count twice.
std::string differs_query(const SavedTable& table) {
    const std::string live = cat("SELECT (t.*)::text FROM ONLY ", table.sql_name, " t");
    const std::string kept = table.packed() ? cat("SELECT row FROM ", table.relation(), " WHERE ", table.condition())
                                            : cat("SELECT (t.*)::text FROM ", table.relation(), " t");
    return cat("SELECT EXISTS ((", live, ") EXCEPT ALL (", kept, "))");
}

}  // namespace

std::set<Oid> find_unchanged(Session& session, const SavedManifest& manifest, const LiveTables& live) {
    const auto next =
        static_cast<std::uint64_t>(session.number("SELECT pg_snapshot_xmax(pg_current_snapshot())").value_or(0));
    const std::map<int, Known> known = read_known(session, manifest);
    std::map<Oid, const LiveTable*> by_oid;
    for (const LiveTable& table : live.tables)
        by_oid.emplace(table.oid, &table);
    std::string sql;
    for (std::size_t at = 0; at < manifest.tables.size(); ++at) {
        const SavedTable& table = manifest.tables[at];
        const auto now = by_oid.find(table.oid);
        if (now == by_oid.end() || now->second->sql_name != table.sql_name || now->second->columns != table.columns)
            continue;
        const auto found = known.find(table.number);
        const std::uint64_t base = found == known.end() ? table.base : found->second.base;
        const bool believed = base > 0 && base <= next && next - base < kFarthest;
        std::string old = believed ? cat("age(t.xmin) > age(", short_number(base), ")") : "false";
        if (believed && found != known.end() && !found->second.own.empty())
            append(old, cat(" OR t.xmin IN (", found->second.own, ")"));
        append(sql, cat(sql.empty() ? "" : " UNION ALL ", "SELECT ", at, ", count(*), count(*) FILTER (WHERE ", old,
                        ") FROM ONLY ", table.sql_name, " t"));
    }
    std::set<Oid> out;
    if (sql.empty()) return out;
    const Result found = session.run(sql);
    for (int row = 0; row < found.rows(); ++row) {
        const SavedTable& table = manifest.tables[static_cast<std::size_t>(found.integer(row, 0))];
        const auto all = static_cast<std::uint64_t>(found.integer(row, 1));
        const auto old = static_cast<std::uint64_t>(found.integer(row, 2));
        if (all != table.rows) continue;
        if (old == all || (all <= kMostCompared && !session.run(differs_query(table)).boolean(0, 0)))
            out.insert(table.oid);
    }
    return out;
}

}  // namespace dbfixture::postgres
