// SPDX-License-Identifier: MIT
#include "db/sqlite/load_session.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/number_set.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/flush.h"
#include "db/sqlite/load_members.h"
#include "db/sqlite/load_triggers.h"
#include "db/sqlite/put_by.h"
#include "db/sqlite/row_equality.h"
#include "db/sqlite/row_identity.h"
#include "db/sqlite/setting.h"
#include "db/sqlite/sql_text.h"
#include "db/sqlite/stored_row.h"
#include "db/sqlite/table_loader.h"
#include "db/sqlite/transaction.h"

namespace dbfixture::sqlite {
namespace {

class SqliteLoad final : public LoadSession {
  public:
    SqliteLoad(Handle handle, const LoadOptions& options, const std::function<Catalog&()>& catalog)
        : options_(options),
          transaction_(handle),
          triggers_(Setting::triggers(handle, options.fire_triggers)),
          catalog_(catalog()),
          context_{handle, catalog_, options_, {}, {}},
          foreign_keys_(context_),
          indexes_(context_),
          set_aside_(handle),
          put_by_(handle) {
        if (options_.on_problem) met_ = std::make_unique<NumberSet>();
        context_.report.tables.resize(context_.catalog.schema.tables.size());
        loaders_.resize(context_.report.tables.size());
        has_record_.resize(loaders_.size());
        // 24 MiB: room for the inner pages of unique indexes.
        if (!handle.borrowed) execute(handle, "PRAGMA main.cache_size = -24576");
        if (options.fire_triggers && !catalog_.unparsed_triggers.empty()) {
            throw Error(ErrorKind::kFailure, "triggers cannot fire here")
                .with_detail(cat(catalog_.unparsed_triggers, "."))
                .with_hint("load without --triggers, or use a build with a newer SQLite");
        }
        if (options.fire_triggers) foreign_keys_.expect_triggers();
    }

    void write(std::span<const BoundRow> rows, std::vector<RowFate>* fates) override {
        check_interrupt();
        if (fates != nullptr) fates->clear();
        while (!rows.empty()) {
            std::size_t written = 1;
            RowFate fate = RowFate::kRefused;
            if (options_.on_problem && note_obstacle(rows[0])) {
                if (fates != nullptr) fates->push_back(fate);
                rows = rows.subspan(1);
                continue;
            }
            try {
                has_record_[rows[0].table] = true;
                TableLoader& table = loader(rows[0].table);
                written = table.write_some(rows);
                fate = table.last_fate();
            } catch (Error& error) {
                if (options_.on_problem && is_unusable(error)) {
                    note_unusable(rows[0], error.detail);
                } else {
                    give_up_or_note(placed(error, rows[0]), rows[0]);
                }
            }
            if (met_) {
                for (const BoundRow& row : rows.first(written))
                    note_repeated(row);
            }
            if (fates != nullptr) fates->insert(fates->end(), written, fate);
            rows = rows.subspan(written);
        }
    }

    void note_bad_record(std::size_t table, std::span<const Value> key) override {
        foreign_keys_.ignore_parent(table, key);
    }

    void note_references(const BoundRow& row) override {
        foreign_keys_.refused(row);
        if (met_) note_repeated(row);
    }

    void replace_members(std::span<const MemberSet> sets) override {
        for (const MemberSet& set : sets)
            replace_members(set);
    }
    std::int64_t next_number(std::size_t table) override { return sqlite::next_number(context_, table); }
    void empty_table(std::size_t table) override {
        const std::string& obstacle = context_.table(table).unreadable;
        if (!obstacle.empty()) throw cannot_use(context_.table(table).name, "emptied", obstacle);
        foreign_keys_.emptied(table);
        {
            const Setting silent = Setting::triggers(context_.handle, false);
            context_.report.tables[table].deleted = sqlite::empty_table(context_.handle, context_.catalog, table);
        }
        forget_sequence(context_.handle, context_.table(table));
        if (context_.report.tables[table].deleted > 0) context_.deleted_from.insert(table);
    }
    PutBy& put_by() override { return put_by_; }
    void expect_lookups(std::size_t table) override { loader(table).keep_indexes(); }

    LoadReport finish() override {
        retry_set_aside();
        indexes_.rebuild();
        foreign_keys_.check();
        rebuild_derived();
        raise_sequences();
        warn();
        return context_.report;
    }

    void commit() override {
        members_.clear();
        loaders_.clear();
        drop_temporary_tables();
        // Indexes that were taken away and have come back raise it, and leave the schema what it was.
        catalog_.version = query_int(context_.handle, "PRAGMA main.schema_version").value_or(0);
        transaction_.commit();
    }

  private:
    // A rollback takes them away by itself.
    void drop_temporary_tables() const {
        std::vector<std::string> names;
        Statement list(
            context_.handle,
            "SELECT name FROM temp.sqlite_master WHERE type = 'table' AND name LIKE 'dbfixture\\_%' ESCAPE '\\'");
        while (list.step())
            names.push_back(list.column_text(0));
        for (const std::string& name : names) {
            try {
                execute(context_.handle, cat("DROP TABLE temp.", quote_identifier(name)));
            } catch (const Error& error) {
                if (!context_.handle.borrowed || error.kind != ErrorKind::kBusy) throw;
                throw Error(ErrorKind::kBusy, "a statement of this connection is not at its end")
                    .with_detail("Records of the fixtures wait for others, which takes temporary tables.")
                    .with_hint("reset or finalize statements that are read from, and load again");
            }
        }
    }

    TableLoader& loader(std::size_t table) {
        auto& found = loaders_[table];
        if (!found) found = std::make_unique<TableLoader>(context_, foreign_keys_, indexes_, set_aside_, table);
        return *found;
    }

    // A bad row ends the load, unless its problems are collected.
    void give_up_or_note(const Error& error, const BoundRow& row) {
        if (!options_.on_problem || error.kind != ErrorKind::kInput) throw error;
        options_.on_problem(error);
        foreign_keys_.refused(row);
        foreign_keys_.ignore_parent(row.table, key_of(context_.table(row.table), row));
    }

    MemberWriter& members(std::size_t table) {
        for (const auto& writer : members_) {
            if (writer->table() == table) return *writer;
        }
        members_.push_back(std::make_unique<MemberWriter>(context_, loader(table), foreign_keys_, table));
        return *members_.back();
    }

    // A table that cannot be written is one more problem for who collects them.
    bool note_obstacle(const BoundRow& row) {
        const std::string& obstacle = context_.facts(row.table).unwritable;
        if (!obstacle.empty()) note_unusable(row, obstacle);
        return !obstacle.empty();
    }

    void note_unusable(const BoundRow& row, const std::string& reason) {
        Error error = cannot_use(context_.table(row.table).name, "written", reason);
        error.kind = ErrorKind::kInput;
        error.hint.clear();
        give_up_or_note(placed(error, row), row);
    }

    void note_repeated(const BoundRow& row) {
        const auto identity = row_identity(context_.table(row.table), context_.facts(row.table), row);
        if (!identity || met_->insert(*identity)) return;
        Error error(ErrorKind::kInput, "another record has the same key, and the last one would win");
        error.at(context_.place(row.origin));
        error.where.table = context_.table(row.table).name;
        error.where.key = describe_key(context_.table(row.table), row);
        options_.on_problem(error);
    }

    Error placed(Error error, const BoundRow& row) const {
        if (is_unusable(error)) error = cannot_use(context_.table(row.table).name, "written", error.detail);
        const bool is_of_row = error.kind == ErrorKind::kInput || error.kind == ErrorKind::kFailure;
        if (is_of_row && error.where.record == 0) {
            error.at(context_.place(row.origin));
            error.where.key = describe_key(context_.table(row.table), row);
        }
        if (error.where.table.empty()) error.where.table = context_.table(row.table).name;
        if (options_.reword) options_.reword(error);
        return error;
    }

    void retry_set_aside() {
        // Backwards, because the usual chain (each row takes the value that the next one gives up) resolves from its
        // end. Not with a key twice, where the later record must win.
        if (!set_aside_.has_repeated_keys()) {
            std::int64_t at = std::numeric_limits<std::int64_t>::max();
            for_each_waiting(at, true, [&](const StoredRow& stored, const SetAside::Entry&) {
                return loader(stored.row.table).retry(stored.row);
            });
        }
        for_each_waiting(0, false, [&](const StoredRow& stored, const SetAside::Entry& entry) {
            if (const auto before = loader(stored.row.table).make_way(stored.row))
                set_aside_.set_before(entry.number, *before);
            return false;
        });
        std::uint64_t before = set_aside_.count() + 1;
        while (!set_aside_.empty() && set_aside_.count() < before) {
            before = set_aside_.count();
            for_each_waiting(0, false, [&](const StoredRow& stored, const SetAside::Entry& entry) {
                TableLoader& table = loader(stored.row.table);
                return entry.before ? table.put_back(stored.row, *entry.before) : table.retry(stored.row);
            });
        }
        // What is left does collide: once more for SQLite's words.
        for_each_waiting(0, false, [&](const StoredRow& stored, const SetAside::Entry&) {
            try {
                loader(stored.row.table).retry(stored.row);
                throw row_error(context_, stored.row, SQLITE_CONSTRAINT_UNIQUE);
            } catch (const Error& error) {
                give_up_or_note(error, stored.row);
            }
            return true;
        });
    }

    template <typename Action>
    void for_each_waiting(std::int64_t at, bool backwards, Action&& action) {
        while (const auto entry = set_aside_.next(at, backwards)) {
            check_interrupt();
            at = entry->number;
            const StoredRow stored(entry->row);
            if (action(stored, *entry)) set_aside_.remove(entry->number);
        }
    }

    bool has_changed(std::size_t table) const {
        const TableCounts& counts = context_.report.tables[table];
        return counts.inserted + counts.updated > 0 || context_.deleted_from.contains(table);
    }

    void rebuild_derived() {
        std::vector<bool> changed(loaders_.size());
        for (std::size_t i = 0; i < changed.size(); ++i)
            changed[i] = has_changed(i);
        for (const std::size_t index : stale_indexes(context_.catalog, changed)) {
            const Table& table = context_.table(index);
            Statement rebuild(context_.handle, command_to_index(table.name, "rebuild"));
            if (rebuild.try_run() != SQLITE_DONE) {
                context_.report.warnings.push_back(cat("full-text index ", quote(table.name),
                                                       " could not be rebuilt from ", quote(table.derived_from), ": ",
                                                       sqlite3_errmsg(context_.handle.database)));
            }
        }
    }

    void raise_sequences() {
        for (std::size_t i = 0; i < loaders_.size(); ++i) {
            const Table& table = context_.table(i);
            if (!loaders_[i] || !table.has_sequence()) continue;
            const std::string largest = cat("(", largest_number(table, context_.facts(i)), ")");
            Statement raise(context_.handle, cat("UPDATE main.sqlite_sequence SET seq = ", largest,
                                                 " WHERE name = ?1 AND seq < ", largest));
            raise.bind(1, std::string_view(table.name)).run();
            Statement add(context_.handle,
                          cat("INSERT INTO main.sqlite_sequence(name, seq) SELECT ?1, ", largest, " WHERE ", largest,
                              " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ?1)"));
            add.bind(1, std::string_view(table.name)).run();
        }
    }

    void warn() {
        for (std::size_t i = 0; i < loaders_.size(); ++i) {
            const Table& table = context_.table(i);
            if (!loaders_[i]) continue;
            for (std::size_t k = 0; k < table.foreign_keys.size(); ++k) {
                const ForeignKey& key = table.foreign_keys[k];
                const std::string problem = key.problem.empty() ? foreign_keys_.unchecked(i, k) : key.problem;
                if (!problem.empty()) {
                    context_.report.warnings.push_back(cat("foreign key of table ", quote(table.name), " to ",
                                                           quote(key.parent_name), " cannot be checked: ", problem));
                }
            }
            if (options_.fire_triggers || !table.has_triggers || !has_changed(i)) continue;
            for (const std::string& trigger : context_.facts(i).unparsed_triggers) {
                context_.report.warnings.push_back(
                    cat(trigger, "; it did not fire, and what it writes is not known here"));
            }
            const TriggerWrites writes = written_by_triggers(context_, i);
            if (!writes.problem.empty()) {
                context_.report.warnings.push_back(
                    cat("triggers of table ", quote(table.name),
                        " did not fire; what they write is not known here: ", writes.problem));
            }
            std::vector<std::string> missing;
            for (const std::string& name : writes.tables) {
                const auto written = context_.catalog.schema.find(name);
                if (!written || (!has_record_[*written] && !context_.table(*written).derived)) missing.push_back(name);
            }
            if (!missing.empty()) {
                context_.report.warnings.push_back(
                    cat("triggers of table ", quote(table.name), " did not fire; they write ", quote_list(missing),
                        ", of which this load has no record (--triggers lets them fire)"));
            }
        }
    }

    void replace_members(const MemberSet& set) {
        try {
            has_record_[set.table] = true;
            members(set.table).replace(set);
        } catch (Error& error) {
            if (error.kind == ErrorKind::kInput && error.where.record == 0) error.at(context_.place(set.origin));
            if (error.where.table.empty()) error.where.table = context_.table(set.table).name;
            if (options_.reword) options_.reword(error);
            throw;
        }
    }

    LoadOptions options_;
    Transaction transaction_;
    Setting triggers_;
    Catalog& catalog_;
    LoadContext context_;
    ForeignKeyCheck foreign_keys_;
    IndexPause indexes_;
    SetAside set_aside_;
    TemporaryTexts put_by_;
    std::vector<std::unique_ptr<TableLoader>> loaders_;
    std::vector<bool> has_record_;
    std::vector<std::unique_ptr<MemberWriter>> members_;
    std::unique_ptr<NumberSet> met_;  // keys of records, where all problems are wanted
};

}  // namespace

std::unique_ptr<LoadSession> start_load(Handle handle, const LoadOptions& options,
                                        const std::function<Catalog&()>& catalog) {
    return std::make_unique<SqliteLoad>(handle, options, catalog);
}

}  // namespace dbfixture::sqlite
