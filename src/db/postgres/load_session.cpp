// SPDX-License-Identifier: MIT
// A load is one transaction:
//
//  1. The catalog is read again inside it. A table is prepared (ladder.h) and has a loader (table_loader.h) from its
//     first row on, so tables that no record names cost nothing.
//  2. Rows that are on their way are sent before anybody else asks anything of the session.
//  3. finish() goes in this order: what is on its way and what waits goes in, parents first; indexes come back; large
//     tables are analyzed, or the checks would be planned for the tables as they were; foreign keys and deferred
//     constraints are checked by query; what the ladder changed is put back; sequences follow the largest numbers.
//  4. With on_problem, bad rows are reported and left out; nothing is put back, since all of it is rolled back.
#include "db/postgres/load_session.h"

#include <algorithm>
#include <optional>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/number_set.h"
#include "base/text.h"
#include "db/file_texts.h"
#include "db/postgres/deferred_constraints.h"
#include "db/postgres/load_members.h"
#include "db/postgres/load_triggers.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/table_loader.h"
#include "db/postgres/transaction.h"
#include "db/postgres/value_text.h"
#include "model/fk_graph.h"

namespace dbfixture::postgres {
namespace {

constexpr std::uint64_t kManyRows = 5000;

class PostgresLoad final : public LoadSession {
  public:
    PostgresLoad(Session& session, const LoadOptions& options, const std::function<Catalog&()>& refresh, bool scratch)
        : options_(options),
          scratch_(scratch),
          catalog_(begin(session, refresh)),
          context_{session, catalog_, options_, scratch, Operators(session)},
          references_(read_references(session, catalog_, context_.operators)),
          ladder_(context_, references_),
          foreign_keys_(context_, references_),
          indexes_(context_, foreign_keys_),
          numbers_(context_),
          parts_{context_, ladder_, foreign_keys_, indexes_, numbers_} {
        if (options_.on_problem) met_ = std::make_unique<NumberSet>();
        context_.report.tables.resize(catalog_.schema.tables.size());
        loaders_.resize(context_.report.tables.size());
        if (options.fire_triggers) foreign_keys_.expect_triggers();
        session.before_use([this] {
            const Inside inside(*this);
            if (!inside.was) settle_all();
        });
    }
    PostgresLoad(const PostgresLoad&) = delete;
    PostgresLoad& operator=(const PostgresLoad&) = delete;
    ~PostgresLoad() override {
        inside_ = true;
        loaders_.clear();  // a COPY that is open ends first
        context_.session.before_use(nullptr);
    }

    void write(std::span<const BoundRow> rows, std::vector<RowFate>* fates) override {
        const Inside inside(*this);
        check_interrupt();
        if (fates == nullptr) {
            for (const BoundRow& row : rows)
                write(row);
            return;
        }
        for (const BoundRow& row : rows)
            loader(row.table).settle();
        fates->assign(rows.size(), RowFate::kChanged);
        parts_.fates = fates;
        parts_.first_fate = context_.log.count() + 1;
        try {
            for (const BoundRow& row : rows)
                write(row);
            for (const BoundRow& row : rows)
                loader(row.table).settle();
        } catch (...) {
            parts_.fates = nullptr;
            throw;
        }
        parts_.fates = nullptr;
    }

    void note_bad_record(std::size_t table, std::span<const Value> key) override {
        std::vector<std::string> texts;
        for (const Value& value : key) {
            if (value.is_null()) return;
            texts.push_back(value_text(value));
        }
        foreign_keys_.ignore_parent(table, texts);
    }

    void note_references(const BoundRow& row) override {
        const Inside inside(*this);
        foreign_keys_.refused(sent_row(row));
        note_repeated(row);
    }

    void replace_members(std::span<const MemberSet> sets) override {
        const Inside inside(*this);
        while (!sets.empty()) {
            const auto other = std::find_if(sets.begin(), sets.end(), [&](const MemberSet& set) {
                return set.table != sets[0].table || set.owner != sets[0].owner || set.member != sets[0].member;
            });
            const auto count = static_cast<std::size_t>(other - sets.begin());
            replace_member_rows(parts_, loader(sets[0].table), sets.first(count));
            sets = sets.subspan(count);
        }
    }

    std::int64_t next_number(std::size_t table) override {
        const Inside inside(*this);
        end_copy();
        return numbers_.next(table);
    }

    void empty_table(std::size_t table) override {
        const Inside inside(*this);
        end_copy();
        ladder_.prepare({table}, Ladder::Use::kEmpty);
        ladder_.prepare_removal(table);
        ladder_.refuse_removal(table);
        foreign_keys_.emptied(table);
        const Result gone = context_.session.run(cat("DELETE FROM ", context_.facts(table).read_source));
        context_.counts(table).deleted = gone.affected();
        if (gone.affected() > 0) context_.deleted_from.insert(table);
        numbers_.forget(table);
        emptied_.push_back(table);
    }

    PutBy& put_by() override { return put_by_; }

    void expect_lookups(std::size_t table) override {
        const Inside inside(*this);
        end_copy();
        indexes_.keep(table);
    }

    LoadReport finish() override {
        const Inside inside(*this);
        end_copy();
        for (const std::size_t table : order_tables(catalog_.schema).tables) {
            if (loaders_[table]) loaders_[table]->settle();
        }
        for (const std::size_t table : order_tables(catalog_.schema).tables) {
            if (loaders_[table]) loaders_[table]->finish();
        }
        plan_checks();
        foreign_keys_.check();
        for (const auto& loader : loaders_) {
            if (loader && loader->has_deferred_constraints())
                check_deferred_constraints(context_, foreign_keys_, loader->table());
        }
        // The server would name no record, and builds no index while its own checks are pending.
        if (!options_.on_problem) ladder_.settle();
        indexes_.rebuild();
        if (!options_.on_problem) ladder_.restore();
        numbers_.raise(written());
        warn();
        return context_.report;
    }

    void commit() override {
        const Inside inside(*this);
        loaders_.clear();
        context_.session.before_use(nullptr);
        if (scratch_) {
            context_.session.run("DISCARD TEMP");
            savepoint_->keep();
            return;
        }
        numbers_.before_commit();
        transaction_->commit();
    }

  private:
    // A scratch copy is a transaction by itself.
    Catalog& begin(Session& session, const std::function<Catalog&()>& refresh) {
        if (scratch_) {
            savepoint_.emplace(session, "dbfixture_load");
        } else {
            transaction_.emplace(session);
        }
        Catalog& catalog = refresh();
        // Functions that checks and triggers call find what they find for everybody else.
        session.run(
            "SELECT set_config('search_path', CASE WHEN reset_val ~ 'pg_catalog' THEN 'pg_catalog, ' || reset_val ELSE "
            "reset_val END, true) FROM pg_settings WHERE name = 'search_path' UNION ALL "
            "SELECT set_config(name, '65536', true) FROM pg_settings WHERE name IN ('work_mem', "
            "'maintenance_work_mem') "
            "AND setting::int8 < 65536");
        return catalog;
    }

    // Statements of the load's own do not send what is on its way.
    struct Inside {
        explicit Inside(PostgresLoad& of) : load(of), was(of.inside_) { load.inside_ = true; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside() { load.inside_ = was; }
        PostgresLoad& load;
        bool was;
    };

    void end_copy() {
        if (parts_.copying != nullptr) parts_.copying->end_copy();
    }

    void settle_all() {
        end_copy();
        for (const auto& loader : loaders_) {
            if (loader) loader->settle();
        }
    }

    TableLoader& loader(std::size_t table) {
        if (!loaders_[table]) {
            end_copy();
            loaders_[table] = std::make_unique<TableLoader>(parts_, table);
        }
        return *loaders_[table];
    }

    void write(const BoundRow& row) {
        try {
            loader(row.table).write(row);
        } catch (const Error& error) {
            // A table that cannot be written is one more problem for who collects them.
            if (!options_.on_problem || error.kind != ErrorKind::kRefused) throw;
            Error problem = error;
            problem.kind = ErrorKind::kInput;
            problem.at(context_.place(row.origin));
            problem.where.table = context_.table(row.table).label();
            options_.on_problem(problem);
        }
        note_repeated(row);
    }

    SentRow sent_row(const BoundRow& row) const {
        SentRow out;
        out.table = row.table;
        out.origin = row.origin;
        out.fields.resize(context_.table(row.table).columns.size());
        for (std::size_t i = 0; i < row.columns.size(); ++i) {
            out.fields[row.columns[i]].given = true;
            if (!row.values[i].is_null()) out.fields[row.columns[i]].text = value_text(row.values[i]);
        }
        return out;
    }

    void note_repeated(const BoundRow& row) {
        if (!met_ || row.address != RowAddress::kKey) return;
        const SentRow sent = sent_row(row);
        std::string identity = cat(row.table);
        for (const std::size_t column : context_.table(row.table).key) {
            if (!sent.fields[column].text) return;
            append(identity, cat('\n', sent.fields[column].text->size(), ':', *sent.fields[column].text));
        }
        if (met_->insert(std::hash<std::string>()(identity))) return;
        Error error(ErrorKind::kInput, "another record has the same key, and the last one would win");
        error.at(context_.place(row.origin));
        error.where.table = context_.table(row.table).label();
        error.where.key = describe_key(context_, sent);
        options_.on_problem(error);
    }

    std::vector<std::size_t> written() const {
        std::vector<std::size_t> out = emptied_;
        for (std::size_t table = 0; table < loaders_.size(); ++table) {
            const bool is_new = std::find(out.begin(), out.end(), table) == out.end();
            if (loaders_[table] && is_new) out.push_back(table);
        }
        return out;
    }

    bool has_changed(std::size_t table) const {
        const TableCounts& counts = context_.report.tables[table];
        return counts.inserted + counts.updated > 0 || context_.deleted_from.contains(table);
    }

    // A nested loop over a table that is taken for empty would take the square of its rows.
    void plan_checks() {
        const bool many = std::any_of(loaders_.begin(), loaders_.end(),
                                      [](const auto& loader) { return loader && loader->written() >= kManyRows; });
        if (parts_.by_index) context_.session.run("SET LOCAL enable_seqscan = on");
        if (many) context_.session.run("SET LOCAL enable_nestloop = off");
    }

    void warn() {
        for (std::size_t i = 0; i < loaders_.size(); ++i) {
            if (!loaders_[i]) continue;
            const Table& table = context_.table(i);
            for (const ForeignKey& key : table.foreign_keys) {
                if (key.problem.empty()) continue;
                context_.report.warnings.push_back(cat("foreign key of table ", quote(table.label()), " to ",
                                                       quote(key.parent_name), " cannot be checked: ", key.problem));
            }
            if (options_.fire_triggers || !has_changed(i)) continue;
            std::vector<std::string> missing = written_by_triggers(context_, i);
            std::erase_if(missing,
                          [&](const std::string& label) { return loaders_[*catalog_.schema.find(label)] != nullptr; });
            if (missing.empty()) continue;
            context_.report.warnings.push_back(cat("triggers of table ", quote(table.label()),
                                                   " did not fire; they write ", quote_list(missing),
                                                   ", of which this load has no record (--triggers lets them fire)"));
        }
    }

    LoadOptions options_;
    bool scratch_;
    std::optional<Transaction> transaction_;
    std::optional<Savepoint> savepoint_;
    Catalog& catalog_;
    LoadContext context_;
    std::vector<Reference> references_;
    Ladder ladder_;
    ForeignKeyCheck foreign_keys_;
    IndexPause indexes_;
    Numbers numbers_;
    LoadParts parts_;
    FileTexts put_by_;
    std::vector<std::unique_ptr<TableLoader>> loaders_;
    std::vector<std::size_t> emptied_;
    std::unique_ptr<NumberSet> met_;  // keys of records, where all problems are wanted
    bool inside_ = false;
};

}  // namespace

std::unique_ptr<LoadSession> start_load(Session& session, const LoadOptions& options,
                                        const std::function<Catalog&()>& refresh, bool scratch) {
    return std::make_unique<PostgresLoad>(session, options, refresh, scratch);
}

}  // namespace dbfixture::postgres
