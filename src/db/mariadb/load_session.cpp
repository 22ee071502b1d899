// SPDX-License-Identifier: MIT
// A load is one transaction:
//
//  1. The catalog is read again inside it. A table has a loader (table_loader.h) from its first row on, so tables that
//     no record names cost nothing.
//  2. foreign_key_checks is off, so that no key is enforced and none acts; unique_checks stays on, always: without it
//  the
//     server loses rows.
//  3. Rows that are on their way are sent before anybody else asks anything of the session.
//  4. finish() sends what is on its way and what waits, parents first, and checks foreign keys by query.
//  5. Counters are set after the transaction, by statements that would end it: lowered after a commit, put back after
//     a rollback.
//  6. Triggers that are to be dropped for the while are those of all tables: which ones records name shows too late.
#include "db/mariadb/load_session.h"

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/number_set.h"
#include "base/text.h"
#include "db/file_texts.h"
#include "db/mariadb/load_members.h"
#include "db/mariadb/table_loader.h"
#include "db/mariadb/triggers_away.h"
#include "db/mariadb/writable.h"
#include "model/fk_graph.h"

namespace dbfixture::mariadb {
namespace {

class MariaDbLoad final : public LoadSession {
  public:
    MariaDbLoad(Session& session, const LoadOptions& options, const std::function<const Catalog&()>& refresh,
                bool scratch)
        : options_(options),
          scratch_(scratch),
          away_(options.drop_triggers && !scratch ? std::make_unique<TriggersAway>(session, TriggerChoice{}) : nullptr),
          catalog_(begin(session, refresh)),
          context_{session, catalog_, options_, scratch},
          references_(read_references(catalog_)),
          foreign_keys_(context_, references_),
          numbers_(context_),
          parts_{context_, foreign_keys_, numbers_} {
        if (options_.on_problem) met_ = std::make_unique<NumberSet>();
        context_.report.tables.resize(catalog_.schema.tables.size());
        loaders_.resize(context_.report.tables.size());
        if (options.fire_triggers) foreign_keys_.expect_triggers();
        session.before_use([this] {
            const Inside inside(*this);
            if (!inside.was) settle_all();
        });
    }
    MariaDbLoad(const MariaDbLoad&) = delete;
    MariaDbLoad& operator=(const MariaDbLoad&) = delete;
    ~MariaDbLoad() override {
        inside_ = true;
        loaders_.clear();
        context_.session.before_use(nullptr);
        if (!done_) end(false);
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
        if (std::ranges::any_of(key, [](const Value& value) { return value.is_null(); })) return;
        foreign_keys_.ignore_parent(table, key);
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
        return numbers_.next(table);
    }

    void empty_table(std::size_t table) override {
        const Inside inside(*this);
        require_removable(catalog_, table, options_.fire_triggers);
        foreign_keys_.emptied(table);
        const Result gone = context_.session.run(cat("DELETE FROM ", context_.facts(table).sql_name));
        context_.counts(table).deleted = gone.affected();
        if (gone.affected() > 0) context_.deleted_from.insert(table);
        numbers_.forget(table);
    }

    PutBy& put_by() override { return put_by_; }

    void expect_lookups(std::size_t) override {}

    LoadReport finish() override {
        const Inside inside(*this);
        for (const std::size_t table : order_tables(catalog_.schema).tables) {
            if (loaders_[table]) loaders_[table]->finish();
        }
        foreign_keys_.check();
        warn();
        return context_.report;
    }

    void commit() override {
        const Inside inside(*this);
        loaders_.clear();
        context_.session.before_use(nullptr);
        end(true);
    }

  private:
    // A scratch copy is a transaction by itself.
    const Catalog& begin(Session& session, const std::function<const Catalog&()>& refresh) {
        if (scratch_) {
            session.run("SAVEPOINT dbfixture_load");
        } else {
            session.begin(true);
        }
        try {
            session.run("SET SESSION foreign_key_checks = 0");
            return refresh();
        } catch (...) {
            if (!scratch_) session.rollback();
            throw;
        }
    }

    void end(bool commit) {
        Session& session = context_.session;
        if (commit && !scratch_) {
            session.commit();  // where it fails, the destructor rolls back
            done_ = true;
            clean_up();
            numbers_.after_commit();
            if (away_) away_->put_back();
            return;
        }
        done_ = true;
        try {
            if (!commit) scratch_ ? void(session.run("ROLLBACK TO SAVEPOINT dbfixture_load")) : session.rollback();
        } catch (const Error&) {
            return;  // the connection is lost; the server rolls back by itself
        }
        clean_up();
        if (!scratch_) numbers_.after_rollback();
    }

    void clean_up() noexcept {
        try {
            context_.session.run("SET SESSION foreign_key_checks = 1");
            for (const std::string& table : context_.temporary)
                context_.session.run(cat("DROP TEMPORARY TABLE IF EXISTS ", table));
        } catch (const Error&) {
            // Both end with the connection.
        }
        context_.temporary.clear();
    }

    // Statements of the load's own do not send what is on its way.
    struct Inside {
        explicit Inside(MariaDbLoad& of) : load(of), was(of.inside_) { load.inside_ = true; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside() { load.inside_ = was; }
        MariaDbLoad& load;
        bool was;
    };

    void settle_all() {
        for (const auto& loader : loaders_) {
            if (loader) loader->settle();
        }
    }

    TableLoader& loader(std::size_t table) {
        if (!loaders_[table]) loaders_[table] = std::make_unique<TableLoader>(parts_, table);
        return *loaders_[table];
    }

    void write(const BoundRow& row) {
        try {
            if (!unwritable_.contains(row.table)) loader(row.table).write(row);
        } catch (const Error& error) {
            // A table that cannot be written is one more problem for who collects them.
            if (!options_.on_problem || error.kind != ErrorKind::kRefused) throw;
            unwritable_.insert(row.table);
            note_unwritable(row, error);
        }
        if (unwritable_.contains(row.table)) leave_out(row);
        note_repeated(row);
    }

    // Once for all its records.
    void note_unwritable(const BoundRow& row, const Error& error) {
        Error problem = error;
        problem.kind = ErrorKind::kInput;
        problem.at(context_.place(row.origin));
        problem.where.table = context_.table(row.table).label();
        if (context_.facts(row.table).transactional) {
            problem.hint =
                "a load takes them with --triggers or --drop-triggers; what else may be wrong with records of this "
                "table is not looked for";
        }
        options_.on_problem(problem);
    }

    // What is not looked at is neither missed nor wrong.
    void leave_out(const BoundRow& row) {
        if (const auto key = key_of(context_, sent_row(row))) foreign_keys_.ignore_parent(row.table, *key);
    }

    SentRow sent_row(const BoundRow& row) const {
        SentRow out;
        out.table = row.table;
        out.origin = row.origin;
        out.columns = row.columns;
        out.values = row.values;
        return out;
    }

    void note_repeated(const BoundRow& row) {
        if (!met_ || row.address != RowAddress::kKey) return;
        const SentRow sent = sent_row(row);
        const auto key = key_of(context_, sent);
        if (!key) return;
        std::string identity = cat(row.table);
        for (const Value& value : *key) {
            const std::string text = value_text(value);
            append(identity, cat('\n', text.size(), ':', text));
        }
        if (met_->insert(std::hash<std::string>()(identity))) return;
        Error error(ErrorKind::kInput, "another record has the same key, and the last one would win");
        options_.on_problem(place_error(context_, sent, std::move(error)));
    }

    void warn() {
        for (std::size_t table = 0; table < loaders_.size(); ++table) {
            if (!loaders_[table]) continue;
            for (const ForeignKey& key : context_.table(table).foreign_keys) {
                if (key.problem.empty()) continue;
                context_.report.warnings.push_back(cat("foreign key of table ", quote(context_.table(table).label()),
                                                       " to ", quote(key.parent_name),
                                                       " cannot be checked: ", key.problem));
            }
        }
    }

    LoadOptions options_;
    bool scratch_;
    std::unique_ptr<TriggersAway> away_;
    const Catalog& catalog_;
    LoadContext context_;
    std::vector<Reference> references_;
    ForeignKeyCheck foreign_keys_;
    Numbers numbers_;
    LoadParts parts_;
    FileTexts put_by_;
    std::vector<std::unique_ptr<TableLoader>> loaders_;
    std::unique_ptr<NumberSet> met_;  // keys of records, where all problems are wanted
    std::set<std::size_t> unwritable_;
    bool inside_ = false;
    bool done_ = false;
};

}  // namespace

std::unique_ptr<LoadSession> start_load(Session& session, const LoadOptions& options,
                                        const std::function<const Catalog&()>& refresh, bool scratch) {
    return std::make_unique<MariaDbLoad>(session, options, refresh, scratch);
}

}  // namespace dbfixture::mariadb
