// SPDX-License-Identifier: MIT
#include "db/postgres/restore_write.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/ladder.h"
#include "db/postgres/restore_batch.h"
#include "db/postgres/restore_owner.h"
#include "db/postgres/restore_places.h"
#include "db/postgres/restore_sequences.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kTablesInStatement = 100;
constexpr std::uint64_t kManyRows = 10'000;  // to count them takes longer than to write a few

class Writer {
  public:
    Writer(Session& session, Look& look) : session_(session), look_(look), dirty_(look.dirty()) {}

    RestoreWrite write() {
        RestoreWrite out;
        SequenceStatements sequences = put_sequences_back(look_.sequences);
        out.late = std::move(sequences.late);
        if (!dirty_.empty()) out.rows = write_rows();
        Batch batch;
        remember(batch);
        keep_catalog(batch, !sequences.early.empty());
        for (const std::string& statement : sequences.early)
            batch.add(statement);
        const std::vector<std::size_t> counts = count(batch);
        if (batch.count == 0) return out;
        const std::vector<Result> results = session_.run_all(batch.sql);
        for (const std::size_t place : counts)
            require_counts(results[place]);
        return out;
    }

  private:
    // A table as people write it.
    std::string label(const SavedTable& table) const {
        const auto& path = session_.search_path();
        const bool plain = !path.empty() && path.front() == table.schema;
        return quote(plain ? table.name : cat(table.schema, ".", table.name), 120);
    }

    void refuse_guards() const {
        for (const RestoreTable* table : dirty_) {
            const auto guard = std::ranges::find(look_.always, table->oid, &Look::Guard::table);
            if (guard == look_.always.end()) continue;
            throw Error(ErrorKind::kRefused,
                        cat(guard->what, " of table ", label(*table->saved), " acts whatever a restore does"))
                .with_detail("It is enabled ALWAYS or REPLICA, so what it writes would be taken for the state's.")
                .with_hint("enable it as usual (ALTER TABLE ... ENABLE), or save states with --template");
        }
    }

    // All deletions first: unique constraints hold whatever rows take each other's places.
    std::uint64_t write_rows() {
        refuse_guards();
        read_columns_to_write(session_, dirty_);
        std::optional<OwnerRungs> owner;
        std::vector<RestoreTable*> order = dirty_;
        if (!try_replica_role(session_)) {
            order = owner.emplace(session_, dirty_).parents_first();
            count_all_ = true;
        }
        const std::uint64_t rows = delete_and_insert(order);
        if (owner) owner->put_back();
        return rows;
    }

    std::uint64_t delete_and_insert(const std::vector<RestoreTable*>& order) {
        std::uint64_t rows = 0;
        std::map<std::size_t, RestoreTable*> places;
        Batch deletes, inserts;
        deletes.add("SET LOCAL work_mem = '64MB'");
        for (auto table = order.rbegin(); table != order.rend(); ++table) {
            if (const std::string sql = delete_rows(**table); !sql.empty()) places[deletes.add(sql)] = *table;
        }
        const std::vector<Result> deleted = session_.run_all(deletes.sql);
        std::map<const RestoreTable*, const Result*> keys;
        for (const auto& [place, table] : places) {
            rows += deleted[place].affected();
            left_[table] = table->total - deleted[place].affected();
            if (table->unsorted) rows += sort(*table, deleted[place].affected());
            // With more rows missing than were deleted now, what is missing has to be looked for anyway.
            const auto found = static_cast<std::uint64_t>(deleted[place].rows());
            if (found > 0 && table->same + found >= table->saved->rows) keys[table] = &deleted[place];
        }
        std::vector<RestoreTable*> inserted;  // by the statements of the batch
        for (RestoreTable* table : order) {
            left_.try_emplace(table, table->total);
            const std::uint64_t some = insert(*table, keys.contains(table) ? keys.at(table) : nullptr, inserts);
            left_[table] += some;
            rows += some;
            inserted.resize(inserts.count, table);
        }
        if (inserts.count == 0) return rows;
        const std::vector<Result> results = session_.run_all(inserts.sql);
        for (std::size_t at = 0; at < results.size(); ++at) {
            left_[inserted[at]] += results[at].affected();
            rows += results[at].affected();
        }
        return rows;
    }

    // Of how many rows were there under the locks and were written since, the server knows how many are there now:
    // nothing but these statements writes to a table that is restored (refuse_guards()).
    bool is_reckoned(const RestoreTable& table) const {
        return !count_all_ && table.sum.empty() && std::max(table.total, table.saved->rows) >= kManyRows;
    }

    // What is missing, once the others are deleted: into the batch, or at once for a large table, first by the keys of
    // what was deleted.
    std::uint64_t insert(const RestoreTable& table, const Result* keys, Batch& batch) const {
        RestoreTable now = table;
        const bool few = table.same < table.saved->rows && table.saved->rows - table.same <= kMostPlaces;
        if (few && (table.is_large() || keys != nullptr)) {
            const auto places = table.is_large() ? CopyPlaces::read(session_, table) : std::nullopt;
            const CopyPlaces* const near = places ? &*places : nullptr;
            if (keys != nullptr) now.same += insert_by_keys(table, near, *keys);
            if (near != nullptr && look_.beside != nullptr && now.same < table.saved->rows)
                now.same += insert_between_places(session_, now, *near, *look_.beside);
            if (table.is_large() && now.same < table.saved->rows) now.same += insert_by_kinds(session_, now, near);
        }
        if (const std::string statement = insert_missing(now); !statement.empty()) batch.add(statement);
        return now.same - table.same;
    }

    // All of the copy is looked through where the keys may be all that is missing.
    std::uint64_t insert_by_keys(const RestoreTable& table, const CopyPlaces* near, const Result& keys) const {
        const std::uint64_t rows = session_.run(insert_rows_of_keys(table, near, keys)).affected();
        const std::uint64_t missing = table.saved->rows - table.same - rows;
        if (near == nullptr || missing == 0 || near->count_within(keys) < rows + missing) return rows;
        const std::string all = insert_rows_of_keys(table, nullptr, keys);
        return rows + session_
                          .run(cat(all, " WHERE NOT EXISTS (SELECT FROM ONLY ", table.saved->sql_name, " x WHERE x.",
                                   table.key[0].column, " = s.", table.key[0].column, ")"))
                          .affected();
    }

    // Of a table of which only the sum was known, once what is newer is deleted. Where nothing is, whole rows are
    // compared.
    std::uint64_t sort(RestoreTable& table, std::uint64_t deleted) const {
        table.unsorted = false;
        table.same = table.total - deleted;
        if (table.same != table.saved->rows) {
            // Which of equal rows are missing is not told: all come again.
            return table.key.empty() && table.same > 0 ? session_.run(delete_rows(table)).affected() : 0;
        }
        if (deleted > 0) return 0;
        table.believed = false;
        take_counts(table, session_.run(compare_rows(table)), 0);
        const std::string sql = delete_rows(table);
        return sql.empty() ? 0 : session_.run(sql).affected();
    }

    // What the next look may believe: rows older than the oldest transaction that was open under the locks, and ours.
    void remember(Batch& batch) const {
        std::string values;
        for (const RestoreTable& table : look_.tables) {
            if (table.believed && !table.dirty()) continue;
            std::string own;
            for (const std::uint64_t transaction : table.own) {
                if (transaction >= look_.oldest) append(own, cat(own.empty() ? "" : ",", transaction));
            }
            append(values, cat(values.empty() ? "" : ", ", "(", table.saved->number, ", ", table.oid, "::oid, ",
                               text_literal(table.columns), ", '", look_.oldest, "'::xid8, '{", own, "}'::xid8[]",
                               table.dirty() ? " || pg_current_xact_id())" : ")"));
        }
        if (!values.empty()) {
            batch.add(cat("INSERT INTO ", quote_identifier(look_.manifest.object, kSavedWritten),
                          " (number, oid, columns, base, own) VALUES ", values,
                          " ON CONFLICT (number) DO UPDATE SET oid = excluded.oid, columns = excluded.columns, base = "
                          "excluded.base, own = excluded.own"));
        }
    }

    // What the owner's rungs drop and make again is compared the next time.
    void keep_catalog(Batch& batch, bool ours) const {
        if (look_.same_catalog && (count_all_ || !ours)) return;
        batch.add_all(keep_seen_catalog(look_.manifest.object, look_.seen, ours && !count_all_), 2);
        if (!look_.new_digest) return;
        const std::string digest = quote_identifier(look_.manifest.object, kSavedDigest);
        batch.add(cat("DELETE FROM ", digest));
        batch.add(cat("INSERT INTO ", digest, " VALUES (", text_literal(look_.digest), ")"));
    }

    std::vector<std::size_t> count(Batch& batch) const {
        std::vector<std::size_t> out;
        std::string sql;
        std::size_t parts = 0;
        const auto add = [&] {
            if (!sql.empty()) out.push_back(batch.add(sql));
            sql.clear();
            parts = 0;
        };
        if (dirty_.empty()) return out;
        for (const RestoreTable& table : look_.tables) {
            if (!count_all_ && !table.dirty()) continue;
            if (is_reckoned(table)) {
                require_count(table, left_.at(&table));
                continue;
            }
            append(sql, cat(sql.empty() ? "" : " UNION ALL ", "SELECT ", table.saved->number, ", count(*) FROM ONLY ",
                            table.saved->sql_name));
            if (++parts == kTablesInStatement) add();
        }
        add();
        return out;
    }

    void require_counts(const Result& counts) const {
        for (int row = 0; row < counts.rows(); ++row) {
            const auto table = std::ranges::find(look_.tables, counts.integer(row, 0),
                                                 [](const RestoreTable& one) { return one.saved->number; });
            require_count(*table, static_cast<std::uint64_t>(counts.integer(row, 1)));
        }
    }

    void require_count(const RestoreTable& table, std::uint64_t rows) const {
        if (rows == table.saved->rows) return;
        throw Error(ErrorKind::kInput, cat("table ", label(*table.saved), " cannot be restored"))
            .with_detail(why_not(table, rows))
            .with_hint("save the state again");
    }

    std::string why_not(const RestoreTable& table, std::uint64_t rows) const {
        const Result copy =
            session_.run(cat("SELECT count(*) FROM ", table.saved->relation(), " c WHERE ", table.saved->condition(),
                             " AND c.xmin = '", short_number(table.saved->written_by), "'::xid"));
        if (static_cast<std::uint64_t>(copy.integer(0, 0)) != table.saved->rows) {
            return cat("Of the ", table.saved->rows, " rows that were saved of it, ", copy.text(0, 0),
                       " are left: its copy was changed.");
        }
        return cat("It would have ", rows, " rows instead of ", table.saved->rows, ".");
    }

    Session& session_;
    Look& look_;
    std::vector<RestoreTable*> dirty_;
    bool count_all_ = false;
    std::map<const RestoreTable*, std::uint64_t> left_;  // rows of those that were written
};

}  // namespace

RestoreWrite write_differences(Session& session, Look& look) {
    return Writer(session, look).write();
}

}  // namespace dbfixture::postgres
