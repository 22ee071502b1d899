// SPDX-License-Identifier: MIT
// Emptying tables.
//
//  1. DELETE, all tables in one message to the server: it lets readers be and counts. Under the replica role no foreign
//     key or trigger acts.
//  2. Without it, children before their parents, so that nothing is left for a key to act on; keys of rings and of
//     tables that are not emptied are paused (ladder.h).
//  3. TRUNCATE only for large tables, with all that refer to them, when every one of these is to be emptied: it is an
//     order of magnitude faster there, but blocks readers.
//  4. Sequences of tables that keep rows go on after the largest; others start anew, by ALTER SEQUENCE: setval() is not
//     undone by a rollback, and a server that is killed between it and COMMIT would leave rows with numbers that are
//     given out again.
#include "db/postgres/flush.h"

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/ladder.h"
#include "db/postgres/load_context.h"
#include "db/postgres/row_reader.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"
#include "model/fk_graph.h"

namespace dbfixture::postgres {
namespace {

constexpr double kManyRows = 200000;

// Rows that this role does not see would stay.
void require_all_readable(const Catalog& catalog, const FlushRequest& request) {
    for (const std::size_t table : request.tables)
        require_readable(catalog.schema.tables[table], catalog.facts[table]);
}

const KeptRows* kept_of(const FlushRequest& request, std::size_t table) {
    const auto found = std::find_if(request.kept.begin(), request.kept.end(),
                                    [&](const KeptRows& kept) { return kept.table == table; });
    return found == request.kept.end() ? nullptr : &*found;
}

std::string delete_statement(const Catalog& catalog, const FlushRequest& request, std::size_t table) {
    std::string sql = cat("DELETE FROM ", catalog.facts[table].read_source);
    const KeptRows* const kept = kept_of(request, table);
    if (kept == nullptr || kept->keys.empty()) return sql;
    const Table& of = catalog.schema.tables[table];
    append(sql, cat(" WHERE ", quote_identifier(of.columns[of.key.at(0)].name), " NOT IN ("));
    for (std::size_t i = 0; i < kept->keys.size(); ++i)
        append(sql, cat(i == 0 ? "" : ", ", kept->keys[i]));
    return sql + ")";
}

std::vector<std::size_t> children_first(const Catalog& catalog, const std::vector<std::size_t>& tables) {
    std::vector<std::size_t> out;
    const std::vector<std::size_t> parents_first = order_tables(catalog.schema).tables;
    for (auto table = parents_first.rbegin(); table != parents_first.rend(); ++table) {
        if (std::find(tables.begin(), tables.end(), *table) != tables.end()) out.push_back(*table);
    }
    return out;
}

// The large tables and whoever refers to them, as far as all these are to be emptied (rule 3).
std::set<std::size_t> to_truncate(const Catalog& catalog, const FlushRequest& request) {
    const auto referring = [&](std::size_t parent) {
        std::set<std::size_t> out;
        for (std::size_t child = 0; child < catalog.facts.size(); ++child) {
            for (const ForeignKeyFacts& key : catalog.facts[child].foreign_keys) {
                if (key.parent_oid == catalog.facts[parent].oid) out.insert(child);
            }
        }
        return out;
    };
    std::set<std::size_t> out;
    for (const std::size_t start : request.tables) {
        if (catalog.facts[start].estimated_rows < kManyRows) continue;
        std::set<std::size_t> together = {start};
        std::vector<std::size_t> waiting = {start};
        bool closed = true;
        while (!waiting.empty() && closed) {
            const std::size_t table = waiting.back();
            waiting.pop_back();
            const bool wanted = std::find(request.tables.begin(), request.tables.end(), table) != request.tables.end();
            closed = wanted && kept_of(request, table) == nullptr && catalog.facts[table].can_truncate &&
                     catalog.facts[table].triggers.empty();
            for (const std::size_t child : referring(table)) {
                if (together.insert(child).second) waiting.push_back(child);
            }
        }
        if (closed) out.insert(together.begin(), together.end());
    }
    return out;
}

// Each the only column's of a table that keeps no row: these start anew.
std::vector<std::size_t> sequences_of_empty_tables(const Catalog& catalog, const FlushRequest& request) {
    std::vector<std::size_t> out;
    if (request.keep_sequences) return out;
    for (const std::size_t table : request.tables) {
        if (kept_of(request, table) != nullptr) continue;
        for (const ColumnFacts& column : catalog.facts[table].columns) {
            if (!column.sequence || catalog.sequences[*column.sequence].users.empty()) continue;
            const SequenceFacts& sequence = catalog.sequences[*column.sequence];
            if (sequence.users.size() == 1 && sequence.owned) out.push_back(*column.sequence);
        }
    }
    return out;
}

// Without those that stand at their start: ALTER SEQUENCE makes a new file, which is most of the time of a flush. Of
// one that gives numbers to sessions in advance (CACHE), others may still hold some, which only ALTER takes away.
std::vector<std::size_t> without_unused(Session& session, const Catalog& catalog,
                                        const std::vector<std::size_t>& sequences) {
    constexpr std::size_t kTogether = 100;
    std::vector<std::size_t> out, asked, unsure;
    std::string oids;
    for (const std::size_t at : sequences) {
        const SequenceFacts& sequence = catalog.sequences[at];
        const bool ask = sequence.can_read && sequence.cache == 1;
        (ask ? asked : out).push_back(at);
        if (ask) append(oids, cat(oids.empty() ? "" : ",", sequence.oid));
    }
    if (asked.empty()) return out;
    const Result given = session.run(cat("SELECT pg_sequence_last_value(oid) FROM unnest('{", oids,
                                         "}'::oid[]) WITH ORDINALITY s(oid, n) ORDER BY n"));
    for (std::size_t i = 0; i < asked.size(); ++i)
        (given.is_null(static_cast<int>(i), 0) ? unsure : out).push_back(asked[i]);
    // None was taken, but one may have been set.
    for (std::size_t from = 0; from < unsure.size(); from += kTogether) {
        std::string sql;
        for (std::size_t i = from; i < std::min(unsure.size(), from + kTogether); ++i) {
            const SequenceFacts& sequence = catalog.sequences[unsure[i]];
            append(sql, cat(i == from ? "" : " UNION ALL ", "SELECT ", i, " FROM ", sequence.read_source,
                            " WHERE is_called OR last_value <> ", sequence.start));
        }
        const Result found = session.run(sql);
        for (int row = 0; row < found.rows(); ++row)
            out.push_back(unsure[static_cast<std::size_t>(found.integer(row, 0))]);
    }
    return out;
}

std::string start_anew(const Catalog& catalog, const std::vector<std::size_t>& sequences) {
    std::string out;
    for (const std::size_t at : sequences)
        append(out, cat("ALTER SEQUENCE ", catalog.sequences[at].sql_name, " RESTART; "));
    return out;
}

// Those that sequences_of_empty_tables() leaves: shared ones, and of tables with kept rows.
std::vector<std::size_t> tables_to_reset(const Catalog& catalog, const FlushRequest& request) {
    std::vector<std::size_t> out;
    if (request.keep_sequences) return out;
    for (const std::size_t table : request.tables) {
        bool left = kept_of(request, table) != nullptr && catalog.schema.tables[table].has_sequence();
        for (const ColumnFacts& column : catalog.facts[table].columns) {
            if (!column.sequence || catalog.sequences[*column.sequence].users.empty()) continue;
            const SequenceFacts& sequence = catalog.sequences[*column.sequence];
            left |= sequence.users.size() > 1 || !sequence.owned;
        }
        if (left) out.push_back(table);
    }
    return out;
}

}  // namespace

std::vector<std::uint64_t> flush_tables(Session& session, const Catalog& catalog, const FlushRequest& request) {
    require_all_readable(catalog, request);
    Transaction transaction(session);
    const LoadOptions options;
    LoadContext context{session, catalog, options, false, Operators()};
    std::vector<Reference> references;
    Ladder ladder(context, references);
    if (!ladder.replica()) {
        context.operators = Operators(session);
        references = read_references(session, catalog, context.operators);
    }
    ladder.prepare(request.tables, Ladder::Use::kEmpty);
    const std::vector<std::size_t> order = ladder.replica() ? request.tables : children_first(catalog, request.tables);
    if (!ladder.replica()) {
        for (const Reference& reference : references) {
            const auto place = [&](std::size_t table) { return std::find(order.begin(), order.end(), table); };
            if (!reference.parent || place(*reference.parent) == order.end()) continue;
            if (reference.child == *reference.parent &&
                !context.facts(reference.child).foreign_keys[reference.key].actions)
                continue;
            if (place(reference.child) == order.end() || place(reference.child) >= place(*reference.parent))
                ladder.pause(reference);
            if (place(reference.child) == order.end()) ladder.refuse_removal(*reference.parent);
        }
    }
    const std::set<std::size_t> truncated = to_truncate(catalog, request);
    std::string sql, names;
    for (const std::size_t table : order) {
        append(sql, truncated.contains(table) ? cat("SELECT count(*) FROM ", catalog.facts[table].read_source, "; ")
                                              : cat(delete_statement(catalog, request, table), "; "));
    }
    for (const std::size_t table : truncated)
        append(names, cat(names.empty() ? "" : ", ", catalog.facts[table].read_source));
    if (!names.empty()) append(sql, cat("TRUNCATE ", names, "; "));
    append(sql, start_anew(catalog, without_unused(session, catalog, sequences_of_empty_tables(catalog, request))));
    const std::vector<Result> results = sql.empty() ? std::vector<Result>() : session.run_all(sql);
    std::vector<std::uint64_t> rows(request.tables.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto at = std::find(request.tables.begin(), request.tables.end(), order[i]) - request.tables.begin();
        rows[static_cast<std::size_t>(at)] =
            truncated.contains(order[i]) ? static_cast<std::uint64_t>(results[i].integer(0, 0)) : results[i].affected();
    }
    ladder.restore();
    reset_sequences(session, catalog, tables_to_reset(catalog, request));
    transaction.commit();
    return rows;
}

std::vector<std::string> flush_statements(Session& session, const Catalog& catalog, const FlushRequest& request) {
    require_all_readable(catalog, request);
    std::vector<std::string> out = {"BEGIN"};
    bool replica = false;
    {
        Transaction transaction(session, Transaction::kRead);  // a standby has no other
        const LoadOptions options;
        LoadContext context{session, catalog, options, false, Operators()};
        replica = Ladder(context, {}).replica();
    }
    out.emplace_back(replica ? "SET LOCAL session_replication_role = replica" : "SET CONSTRAINTS ALL DEFERRED");
    for (const std::size_t table : replica ? request.tables : children_first(catalog, request.tables))
        out.push_back(delete_statement(catalog, request, table));
    if (!request.keep_sequences) {
        for (std::string& statement : reset_sequence_statements(session, catalog, request.tables))
            out.push_back(std::move(statement));
    }
    out.emplace_back("COMMIT");
    return out;
}

}  // namespace dbfixture::postgres
