// SPDX-License-Identifier: MIT
#include "db/postgres/connection.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/catalog.h"
#include "db/postgres/flush.h"
#include "db/postgres/introspect.h"
#include "db/postgres/kept_session.h"
#include "db/postgres/load_session.h"
#include "db/postgres/row_reader.h"
#include "db/postgres/schema_objects.h"
#include "db/postgres/session.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/stored_values.h"
#include "db/postgres/transaction.h"
#include "model/bookkeeping.h"

namespace dbfixture::postgres {
namespace {

SessionOptions session_options(const OpenOptions& options) {
    SessionOptions out;
    out.read_only = options.mode == OpenMode::kReadOnly;
    out.busy_timeout_ms = options.busy_timeout_ms;
    return out;
}

// What fails does not take the view along that it is a part of.
template <typename Question>
auto alone(Session& session, const Question& ask) {
    if (!session.in_transaction()) return ask();
    Savepoint savepoint(session, "dbfixture_question");
    auto out = ask();
    savepoint.keep();
    return out;
}

class PostgresConnection final : public Connection {
  public:
    PostgresConnection(const Location& location, const OpenOptions& options)
        : options_(options), own_(take_session(location, session_options(options), true)), session_(*own_) {}
    explicit PostgresConnection(Session& session) : session_(session), inside_(true) {}

    void show(CatalogView view) { view_.emplace(std::move(view)); }

    // Works in a transaction that is rolled back with its connection.
    void become_scratch() { scratch_.emplace(session_); }

    Capabilities capabilities() const override {
        return {.cursors_nest = false, .reads_ahead = true, .begins_anew = !inside_ && !scratch_.has_value()};
    }
    std::string engine() const override { return session_.server_name(); }
    std::string name() const override { return session_.location().shown; }

    const Schema& schema() override { return catalog().schema; }

    void read_rows(const RowQuery& query, RowSink& sink) override {
        postgres::read_rows(session_, catalog(), query, sink);
    }
    std::unique_ptr<RowCursor> open_rows(const RowQuery& query) override {
        return postgres::open_rows(session_, catalog(), query);
    }
    std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                           std::span<const std::size_t> columns) override {
        return postgres::open_lookup(session_, catalog(), table, by, columns);
    }

    void make_stored(std::size_t table, std::span<const std::uint16_t> columns, std::span<Value> values,
                     Arena& arena) override {
        postgres::make_stored(session_, catalog().facts[table], columns, values, arena);
    }

    TableStatistics statistics(std::size_t table) override {
        const TableFacts& facts = catalog().facts[table];
        require_readable(catalog().schema.tables[table], facts);
        const auto rows =
            alone(session_, [&] { return session_.number(cat("SELECT count(*) FROM ", facts.read_source, " t")); });
        return {static_cast<std::uint64_t>(rows.value_or(0))};
    }

    std::unique_ptr<Connection> scratch_copy() override {
        OpenOptions options = options_;
        options.mode = OpenMode::kReadWrite;
        auto copy = std::make_unique<PostgresConnection>(session_.location(), options);
        copy->become_scratch();
        return copy;
    }

    std::unique_ptr<LoadSession> begin_load(const LoadOptions& options) override {
        return start_load(
            session_, options,
            [this]() -> Catalog& {
                refresh();
                return catalog_;
            },
            scratch_.has_value() || inside_);
    }

    std::vector<std::uint64_t> flush(const FlushRequest& request) override {
        return flush_tables(session_, catalog(), request);
    }
    std::vector<std::string> flush_sql(const FlushRequest& request) override {
        return flush_statements(session_, catalog(), request);
    }

    std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) override {
        catalog();
        return alone(session_, [&] { return read_sequences(session_, catalog_, tables); });
    }
    void reset_sequences(const std::vector<std::size_t>& tables) override {
        catalog();
        Transaction transaction(session_);
        postgres::reset_sequences(session_, catalog_, tables);
        transaction.commit();
    }
    void set_sequences(const std::vector<Sequence>& sequences) override {
        catalog();
        Transaction transaction(session_);
        write_sequences(session_, catalog_, sequences);
        transaction.commit();
    }
    std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>& tables) override {
        std::vector<std::string> out = reset_sequence_statements(session_, catalog(), tables);
        if (out.empty()) return out;
        out.insert(out.begin(), "BEGIN");
        out.emplace_back("COMMIT");
        return out;
    }

    bool has_references(std::size_t table, const ForeignKey& key) override {
        if (!key.parent || key.columns.empty()) return false;
        std::string condition;
        for (const std::size_t column : key.columns) {
            append(condition,
                   cat(condition.empty() ? "" : " AND ",
                       quote_identifier(catalog().schema.tables[table].columns[column].name), " IS NOT NULL"));
        }
        const std::string sql =
            cat("SELECT 1 FROM ", catalog().facts[table].read_source, " t WHERE ", condition, " LIMIT 1");
        return session_.number(sql).has_value();
    }

    std::vector<SchemaObject> schema_objects() override {
        return read_schema_objects(session_, view_ ? view_->objects : schema_objects_query());
    }

  protected:
    void begin_read() override {
        if (inside_) return;
        session_.run(Transaction::kRead);
        try {
            if (known_) refresh();
        } catch (...) {
            end_read();
            throw;
        }
    }
    void end_read() override {
        if (!inside_) session_.run("ROLLBACK");
    }

  private:
    const Catalog& catalog() {
        if (!known_) refresh();
        return catalog_;
    }
    void refresh() {
        catalog_ = read_catalog(session_, options_.schemas, view_ ? &view_->tables : nullptr);
        if (view_) view_->turn(session_, catalog_);
        mark_bookkeeping(catalog_.schema, options_.bookkeeping);
        known_ = true;
    }

    OpenOptions options_;
    std::shared_ptr<Session> own_;
    Session& session_;
    bool inside_ = false;  // of the caller's transaction
    std::optional<CatalogView> view_;
    Catalog catalog_;
    bool known_ = false;
    std::optional<Transaction> scratch_;  // ends before the session
};

}  // namespace

std::unique_ptr<Connection> open_postgres(const Location& location, const OpenOptions& options) {
    return std::make_unique<PostgresConnection>(location, options);
}

std::unique_ptr<Connection> open_postgres_view(const Location& location, int busy_timeout_ms, CatalogView view) {
    auto out = std::make_unique<PostgresConnection>(location, OpenOptions{OpenMode::kReadOnly, busy_timeout_ms});
    out->show(std::move(view));
    return out;
}

std::unique_ptr<Connection> open_postgres_inside(Session& session) {
    return std::make_unique<PostgresConnection>(session);
}

}  // namespace dbfixture::postgres
