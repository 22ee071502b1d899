// SPDX-License-Identifier: MIT
#include "db/mariadb/connection.h"

#include <optional>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/flush.h"
#include "db/mariadb/introspect.h"
#include "db/mariadb/load_session.h"
#include "db/mariadb/row_reader.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sequences.h"
#include "db/mariadb/session.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/stored_values.h"
#include "db/mariadb/triggers_away.h"
#include "model/bookkeeping.h"

namespace dbfixture::mariadb {
namespace {

SessionOptions session_options(const OpenOptions& options) {
    SessionOptions out;
    out.read_only = options.mode == OpenMode::kReadOnly;
    out.busy_timeout_ms = options.busy_timeout_ms;
    return out;
}

class MariaDbConnection final : public Connection {
  public:
    MariaDbConnection(const Location& location, const OpenOptions& options,
                      std::optional<CatalogView> view = std::nullopt)
        : options_(options), session_(location, session_options(options)), view_(std::move(view)) {
        if (!options.schemas.empty()) {
            throw Error(ErrorKind::kUsage,
                        cat("database ", quote(location.shown, 200), " has no schemas to choose from"))
                .with_hint("leave schemas: out; each database is one of its own");
        }
        if (view_) return;
        if (options.mode == OpenMode::kReadWrite) {
            notes_ = put_back_left(session_);
        } else if (std::string away = tell_what_is_away(session_); !away.empty()) {
            notes_.push_back(std::move(away));
        }
    }
    MariaDbConnection(const MariaDbConnection&) = delete;
    MariaDbConnection& operator=(const MariaDbConnection&) = delete;
    ~MariaDbConnection() override {
        if (scratch_) end_scratch();
    }

    // Works in a transaction that is rolled back with its connection.
    void become_scratch() {
        session_.begin(true);
        scratch_ = true;
        catalog();
    }

    Capabilities capabilities() const override {
        return {.cursors_nest = false, .reads_ahead = true, .begins_anew = !scratch_};
    }
    std::string engine() const override { return session_.server().name; }
    std::string name() const override { return session_.location().shown; }

    std::vector<std::string> notes() const override { return notes_; }

    const Schema& schema() override { return catalog().schema; }

    void read_rows(const RowQuery& query, RowSink& sink) override {
        mariadb::read_rows(session_, catalog(), query, sink);
    }
    std::unique_ptr<RowCursor> open_rows(const RowQuery& query) override {
        return mariadb::open_rows(session_, catalog(), query);
    }
    std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                           std::span<const std::size_t> columns) override {
        return mariadb::open_lookup(session_, catalog(), table, by, columns);
    }

    void make_stored(std::size_t table, std::span<const std::uint16_t> columns, std::span<Value> values,
                     Arena& arena) override {
        stored_values_.make(catalog(), table, columns, values, arena);
    }

    TableStatistics statistics(std::size_t table) override {
        require_readable(catalog().schema.tables[table]);
        const auto rows = session_.number(cat("SELECT COUNT(*) FROM ", catalog().facts[table].sql_name));
        return {static_cast<std::uint64_t>(rows.value_or(0))};
    }

    std::unique_ptr<Connection> scratch_copy() override {
        OpenOptions options = options_;
        options.mode = OpenMode::kReadWrite;
        auto copy = std::make_unique<MariaDbConnection>(session_.location(), options);
        copy->become_scratch();
        return copy;
    }

    std::unique_ptr<LoadSession> begin_load(const LoadOptions& options) override {
        return start_load(
            session_, options,
            [this]() -> const Catalog& {
                if (!scratch_) refresh();
                return catalog();
            },
            scratch_);
    }

    std::vector<std::uint64_t> flush(const FlushRequest& request) override {
        return flush_tables(session_, catalog(), request);
    }
    std::vector<std::string> flush_sql(const FlushRequest& request) override {
        return flush_statements(catalog(), request);
    }

    std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) override {
        if (view_ && view_->turn) return sequences_of_view(tables);
        return read_sequences(session_, catalog(), tables);
    }
    void reset_sequences(const std::vector<std::size_t>& tables) override {
        for (const std::size_t table : tables) {
            if (catalog().facts[table].numbered_column()) put_behind_largest(session_, catalog(), table);
        }
    }
    void set_sequences(const std::vector<Sequence>& sequences) override {
        write_sequences(session_, catalog(), sequences);
    }
    std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>& tables) override {
        return reset_sequence_statements(catalog(), tables);
    }

    bool has_references(std::size_t table, const ForeignKey& key) override {
        if (key.columns.empty()) return false;
        std::string condition;
        for (const std::size_t column : key.columns) {
            append(condition,
                   cat(condition.empty() ? "" : " AND ",
                       quote_identifier(catalog().schema.tables[table].columns[column].name), " IS NOT NULL"));
        }
        return session_.number(cat("SELECT 1 FROM ", catalog().facts[table].sql_name, " WHERE ", condition, " LIMIT 1"))
            .has_value();
    }

    std::vector<SchemaObject> schema_objects() override {
        return view_ ? view_->objects : read_schema_objects(session_);
    }

  protected:
    // A table that was changed since the view began cannot be read in it (kDefinitionChanged), but one that grew a
    // column can: so the schema is read again.
    void begin_read() override {
        if (scratch_) return;
        session_.begin(false);
        try {
            if (known_) refresh();
        } catch (...) {
            end_read();
            throw;
        }
    }
    void end_read() override {
        if (!scratch_) session_.rollback();
    }

  private:
    const Catalog& catalog() {
        if (!known_) refresh();
        return catalog_;
    }
    void refresh() {
        catalog_ = read_catalog(session_);
        if (view_ && view_->turn) view_->turn(session_, catalog_);
        mark_bookkeeping(catalog_.schema, options_.bookkeeping);
        known_ = true;
    }

    // Where the counters stood when it was saved.
    std::vector<Sequence> sequences_of_view(const std::vector<std::size_t>& tables) {
        std::vector<Sequence> out = read_sequences(session_, catalog(), tables);
        for (Sequence& sequence : out) {
            const std::uint64_t next = catalog().facts[sequence.table].next_number.value_or(1);
            sequence.stored = next > 1 ? std::optional(static_cast<std::int64_t>(next - 1)) : std::nullopt;
        }
        return out;
    }

    // The counters that its loads raised are not rolled back.
    void end_scratch() noexcept {
        try {
            session_.rollback();
            for (std::size_t table = 0; table < catalog_.facts.size(); ++table) {
                const TableFacts& facts = catalog_.facts[table];
                if (!facts.next_number) continue;
                if (next_number_of(session_, facts, catalog_.schema.tables[table]) > *facts.next_number)
                    set_next_number(session_, facts, *facts.next_number);
            }
        } catch (const Error&) {
            // Numbers that are left out do no harm.
        }
    }

    OpenOptions options_;
    Session session_;
    std::optional<CatalogView> view_;
    std::vector<std::string> notes_;
    StoredValues stored_values_{session_};
    Catalog catalog_;
    bool known_ = false;
    bool scratch_ = false;
};

}  // namespace

std::unique_ptr<Connection> open_mariadb(const Location& location, const OpenOptions& options) {
    return std::make_unique<MariaDbConnection>(location, options);
}

std::unique_ptr<Connection> open_mariadb_view(const Location& location, const OpenOptions& options, CatalogView view) {
    return std::make_unique<MariaDbConnection>(location, options, std::move(view));
}

}  // namespace dbfixture::mariadb
