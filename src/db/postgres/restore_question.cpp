// SPDX-License-Identifier: MIT
#include "db/postgres/restore_question.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/restore_batch.h"
#include "db/postgres/restore_schema.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kTablesInStatement = 100;
constexpr std::uint64_t kManyRows = 20'000;  // of a table that is counted by two sessions

using ByNumber = std::map<std::int64_t, RestoreTable*>;

ByNumber by_number(Look& look) {
    ByNumber out;
    for (RestoreTable& table : look.tables)
        out[table.saved->number] = &table;
    return out;
}

// The tables as they were saved, or as our own restores of this state left them.
void read_known(Session& session, Look& look) {
    for (const SavedTable& saved : look.manifest.tables) {
        RestoreTable table;
        table.saved = &saved;
        table.oid = saved.oid;
        table.columns = saved.columns;
        table.base = saved.base;
        look.tables.push_back(std::move(table));
    }
    const ByNumber tables = by_number(look);
    const std::vector<Result> found = session.run_all(
        cat("SELECT number, oid, columns, base, own FROM ", quote_identifier(look.manifest.object, kSavedWritten),
            "; SELECT number, sum FROM ", quote_identifier(look.manifest.object, kSavedSums), "; ",
            seen_catalog_query(look.manifest.object)));
    for (int row = 0; row < found[0].rows(); ++row) {
        RestoreTable& table = *tables.at(found[0].integer(row, 0));
        table.oid = static_cast<Oid>(found[0].integer(row, 1));
        table.columns = found[0].string(row, 2);
        table.base = found[0].transaction(row, 3);
        for (const std::int64_t own : found[0].integers(row, 4))
            table.own.push_back(static_cast<std::uint64_t>(own));
    }
    for (int row = 0; row < found[1].rows(); ++row)
        tables.at(found[1].integer(row, 0))->sum = found[1].string(row, 1);
    look.seen = take_seen_catalog(found[2]);
}

// Triggers and rules that act under the replica role; materialized views that are newer than the state.
std::string guards_query(const SavedManifest& manifest) {
    return cat(
        "SELECT 't', t.tgrelid, t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') "
        "UNION ALL SELECT 'r', r.ev_class, r.rulename FROM pg_rewrite r WHERE r.oid >= 16384 AND r.ev_enabled IN ('A', "
        "'R') AND r.ev_type IN ('2', '3', '4') UNION ALL SELECT 'm', c.oid, n.nspname || '.' || c.relname FROM "
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND age(c.xmin) <= age('",
        short_number(manifest.base), "'::xid) AND ", kOurSchemas);
}

// Statements that count rows, a hundred tables each.
class Counts {
  public:
    void add(Batch& batch, const RestoreTable& table) {
        append(sql_, cat(sql_.empty() ? "" : " UNION ALL ", count_rows(table)));
        if (++tables_ == kTablesInStatement) end(batch);
    }
    void end(Batch& batch) {
        if (!sql_.empty()) places_.push_back(batch.add(sql_));
        sql_.clear();
        tables_ = 0;
    }
    void take(const std::vector<Result>& results, const ByNumber& tables) const {
        for (const std::size_t place : places_) {
            for (int row = 0; row < results[place].rows(); ++row)
                take_counts(*tables.at(results[place].integer(row, 0)), results[place], row);
        }
    }

  private:
    std::string sql_;
    std::size_t tables_ = 0;
    std::vector<std::size_t> places_;
};

void take_guards(const Result& found, Look& look) {
    for (int row = 0; row < found.rows(); ++row) {
        const char kind = found.letter(row, 0);
        if (kind == 'm') {
            look.stale_views.push_back(found.string(row, 2));
        } else {
            look.always.push_back({static_cast<Oid>(found.integer(row, 1)),
                                   cat(kind == 't' ? "trigger " : "rule ", quote(found.text(row, 2)))});
        }
    }
}

// Of tables whose sums are others, which of their rows differ is left to be told when they are written.
void take_sums(const std::map<std::size_t, RestoreTable*>& summed, const std::vector<RowSum>& sums) {
    for (const auto& [place, table] : summed) {
        table->as_saved = sums[place].text() == table->sum;
        table->unsorted = !table->as_saved;
        table->total = sums[place].rows();
        table->same = table->as_saved ? table->saved->rows : 0;
    }
}

// By two sessions, the largest first.
void count_beside(Session& session, ReaderBeside& beside, std::vector<RestoreTable*> tables) {
    std::ranges::sort(tables, std::ranges::greater(), [](const RestoreTable* table) { return table->saved->rows; });
    std::vector<ReaderBeside::Question> questions;
    for (const RestoreTable* table : tables)
        questions.push_back({changed_rows(*table)});
    for (const RestoreTable* table : tables)
        questions.push_back({all_rows(*table)});
    const std::vector<Result> found = beside.ask(session, std::move(questions));
    for (std::size_t at = 0; at < tables.size(); ++at) {
        if (!take_changed(*tables[at], found[at], found[tables.size() + at]))
            take_counts(*tables[at], session.run(count_rows(*tables[at])), 0);
    }
}

// What is asked of the catalogs, unless nothing of them has changed.
void ask_catalog(Session& session, Look& look, const Result& rows) {
    const bool near = look.seen.known && is_near(look.seen.base, look.next);
    const auto total = static_cast<std::uint64_t>(rows.integer(0, 0));
    look.same_catalog = near && total == look.seen.rows && rows.integer(0, 1) == 0;
    look.seen.rows = total;
    look.seen.base = look.oldest;
    look.large_objects = look.seen.large_objects;
    if (look.same_catalog && !look.seen.guarded) return;
    Batch batch;
    batch.add(guards_query(look.manifest));
    if (!look.same_catalog) {
        batch.add(cat("SELECT d.digest, (SELECT s.digest = d.digest FROM ",
                      quote_identifier(look.manifest.object, kSavedDigest),
                      " s), (SELECT count(*) FROM pg_largeobject_metadata) FROM (", catalog_digest(), ") d"));
    }
    const std::vector<Result> results = session.run_all(batch.sql);
    take_guards(results[0], look);
    look.seen.guarded = results[0].rows() > 0;
    if (look.same_catalog) return;
    look.digest = results[1].string(0, 0);
    look.new_digest = !results[1].boolean(0, 1);
    look.large_objects = look.seen.large_objects = static_cast<std::uint64_t>(results[1].integer(0, 2));
    look.seen.own.clear();
}

}  // namespace

void ask_all(Session& session, Look& look) {
    read_known(session, look);
    Batch batch;
    batch.add("SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s) FROM (SELECT pg_current_snapshot() AS s) x");
    batch.add(catalog_rows_query(look.seen));
    const SequenceLook sequences(batch, look.manifest);
    Counts counts;
    std::map<std::size_t, RestoreTable*> summed;
    std::vector<RestoreTable*> shared;
    for (RestoreTable& table : look.tables) {
        if (look.beside != nullptr && table.saved->rows >= kManyRows) {
            shared.push_back(&table);
        } else if (table.sum.empty()) {
            counts.add(batch, table);
        } else {
            summed[batch.add(copy_rows(table.saved->sql_name))] = &table;
        }
    }
    counts.end(batch);
    std::vector<RowSum> sums(batch.count);
    const std::vector<Result> results =
        session.run_all(batch.sql, [&](std::size_t place, std::string_view row) { sums[place].add(row); });
    look.oldest = results[0].transaction(0, 0);
    look.next = results[0].transaction(0, 1);
    look.sequences = sequences.differing(results);
    counts.take(results, by_number(look));
    take_sums(summed, sums);
    if (!shared.empty()) count_beside(session, *look.beside, std::move(shared));
    ask_catalog(session, look, results[1]);
}

}  // namespace dbfixture::postgres
