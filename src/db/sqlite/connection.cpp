// SPDX-License-Identifier: MIT
#include "db/sqlite/connection.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/busy_wait.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/flush.h"
#include "db/sqlite/foreign_key_shape.h"
#include "db/sqlite/introspect.h"
#include "db/sqlite/load_session.h"
#include "db/sqlite/row_reader.h"
#include "db/sqlite/sidecar.h"
#include "db/sqlite/sql_text.h"
#include "db/sqlite/stored_values.h"
#include "db/sqlite/transaction.h"
#include "db/sqlite/unparsed_schema.h"
#include "model/bookkeeping.h"

namespace dbfixture::sqlite {
namespace {

// Long statements give way to Ctrl-C. Asked for every 100,000 steps of SQLite's virtual machine.
int stop_on_interrupt(void*) {
    return pending_interrupt() != 0 ? 1 : 0;
}

class SqliteConnection final : public Connection {
  public:
    SqliteConnection(const Location& location, const OpenOptions& options)
        : name_(location.shown),
          bookkeeping_(options.bookkeeping),
          database_(std::in_place, location.address,
                    (options.mode == OpenMode::kReadOnly && !in_memory(location) ? SQLite::OPEN_READONLY
                                                                                 : SQLite::OPEN_READWRITE) |
                        (is_uri(location) ? SQLITE_OPEN_URI : 0) |
                        (in_memory(location) && !location.address.empty() ? SQLITE_OPEN_MEMORY : 0) |
                        SQLITE_OPEN_NOMUTEX,
                    0) {
        sqlite3* const raw = database_->getHandle();
        handle_.database = raw;
        sqlite3_extended_result_codes(raw, 1);
        busy_.timeout_ms = options.busy_timeout_ms;
        busy_.attach(raw);
        sqlite3_progress_handler(raw, 100000, stop_on_interrupt, nullptr);
        sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
        load_schema();
    }

    // A connection of the caller's own: what it has set stays.
    SqliteConnection(sqlite3* borrowed, const std::vector<std::string>& bookkeeping) : bookkeeping_(bookkeeping) {
        const char* const file = sqlite3_db_filename(borrowed, "main");
        name_ = file == nullptr || *file == '\0' ? ":memory:" : file;
        handle_.database = borrowed;
        handle_.borrowed = true;
        load_schema();
    }

    Capabilities capabilities() const override {
        return {.cursors_nest = true, .utf8_order = handle_.encoding == TextEncoding::kUtf8};
    }
    std::string engine() const override { return cat("SQLite ", sqlite3_libversion()); }
    std::string name() const override { return name_; }

    const Schema& schema() override { return catalog().schema; }

    void read_rows(const RowQuery& query, RowSink& sink) override {
        sqlite::read_rows(handle_, catalog(), query, sink);
    }

    std::unique_ptr<RowCursor> open_rows(const RowQuery& query) override {
        return sqlite::open_rows(handle_, catalog(), query);
    }
    std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                           std::span<const std::size_t> columns) override {
        return sqlite::open_lookup(handle_, catalog(), table, by, columns);
    }

    void make_stored(std::size_t table, std::span<const std::uint16_t> columns, std::span<Value> values,
                     Arena& arena) override {
        if (!stored_values_) stored_values_ = std::make_unique<StoredValues>(handle_.encoding);
        stored_values_->make(catalog().schema.tables[table], columns, values, arena);
    }

    TableStatistics statistics(std::size_t table) override {
        const Table& counted = catalog().schema.tables[table];
        const std::string sql = cat("SELECT count(*) FROM ", read_source(counted, catalog_.facts[table]));
        try {
            return {static_cast<std::uint64_t>(query_int(handle_, sql).value_or(0))};
        } catch (const Error& error) {
            if (is_unusable(error)) throw cannot_use(counted.name, "read", error.detail);
            throw;
        }
    }

    std::unique_ptr<Connection> scratch_copy() override {
        auto copy = std::make_unique<SqliteConnection>(locate_nowhere(name_),
                                                       OpenOptions{OpenMode::kReadWrite, 0, bookkeeping_});
        sqlite3* const to = copy->handle_.database;
        Backup backup(to, handle_.database);
        if (!backup) throw make_error(to, sqlite3_errcode(to), "could not copy the database");
        int code = SQLITE_OK;
        for (int pause = 0; code == SQLITE_OK || (code == SQLITE_BUSY && pause < busy_.timeout_ms); pause += 20) {
            if (code == SQLITE_BUSY) sqlite3_sleep(20);
            code = backup.step(-1);
        }
        backup.finish();
        if (code != SQLITE_DONE) throw make_error(to, code, "could not copy the database");
        copy->load_schema();
        return copy;
    }

    std::unique_ptr<LoadSession> begin_load(const LoadOptions& options) override {
        return start_load(handle_, options, [this]() -> Catalog& {
            refresh();
            return catalog_;
        });
    }

    std::vector<std::uint64_t> flush(const FlushRequest& request) override {
        catalog();
        Transaction transaction(handle_);
        require_current();
        std::vector<std::uint64_t> rows = flush_tables(handle_, catalog(), request);
        transaction.commit();
        return rows;
    }
    std::vector<std::string> flush_sql(const FlushRequest& request) override {
        return flush_statements(catalog(), request);
    }

    std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) override {
        return read_sequences(handle_, catalog(), tables);
    }
    void reset_sequences(const std::vector<std::size_t>& tables) override {
        catalog();
        Transaction transaction(handle_);
        require_current();
        for (const std::string& statement : sequence_statements(catalog(), tables))
            execute(handle_, statement);
        transaction.commit();
    }
    void set_sequences(const std::vector<Sequence>& sequences) override {
        catalog();
        Transaction transaction(handle_);
        require_current();
        write_sequences(handle_, catalog(), sequences);
        transaction.commit();
    }
    std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>& tables) override {
        std::vector<std::string> out = sequence_statements(catalog(), tables);
        if (out.empty()) return out;
        out.insert(out.begin(), "BEGIN IMMEDIATE");
        out.emplace_back("COMMIT");
        return out;
    }

    bool has_references(std::size_t table, const ForeignKey& key) override {
        const auto parent = key.parent;
        if (!parent || key.columns.empty() || key.columns.size() != key.parent_columns.size()) return false;
        const std::string sql = referring_rows(catalog(), table, *parent, key);
        return !sql.empty() && query_int(handle_, cat(sql, " LIMIT 1")).has_value();
    }

    std::vector<SchemaObject> schema_objects() override {
        std::vector<SchemaObject> objects;
        Statement list(handle_,
                       "SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL ORDER BY type, name");
        while (list.step())
            objects.push_back({list.column_text(0), list.column_text(1), list.column_text(2)});
        return objects;
    }

  protected:
    void begin_read() override {
        view_is_nested_ = sqlite3_get_autocommit(handle_.database) == 0;
        execute(handle_, view_is_nested_ ? "SAVEPOINT dbfixture_read" : "BEGIN");
        try {
            query_int(handle_,
                      "SELECT count(*) FROM main.sqlite_master");  // takes the lock now: BEGIN alone takes none
            refresh();
        } catch (...) {
            end_read();
            throw;
        }
    }
    void end_read() override {
        const char* const end = view_is_nested_ ? "RELEASE dbfixture_read" : "COMMIT";
        if (sqlite3_exec(handle_.database, end, nullptr, nullptr, nullptr) != SQLITE_OK && !view_is_nested_)
            sqlite3_exec(handle_.database, "ROLLBACK", nullptr, nullptr, nullptr);
    }

  private:
    void load_schema() {
        try {
            read_first();
        } catch (const Error&) {
            if (handle_.borrowed || !accept_newer_schema(handle_)) throw;
            read_first();
            catalog();  // says now if the schema is damaged besides
        }
    }

    // What is no database fails here.
    void read_first() {
        Statement encoding(handle_, "PRAGMA encoding");
        if (encoding.step()) {
            const std::string name = encoding.column_text(0);
            handle_.encoding = name == "UTF-16le"   ? TextEncoding::kUtf16le
                               : name == "UTF-16be" ? TextEncoding::kUtf16be
                                                    : TextEncoding::kUtf8;
        }
        query_int(handle_, "SELECT count(*) FROM main.sqlite_master");
    }

    const Catalog& catalog() {
        if (catalog_.version < 0) read_again();
        return catalog_;
    }
    // Inside a transaction: what was read before it may be old.
    void refresh() {
        if (catalog_.version != query_int(handle_, "PRAGMA main.schema_version").value_or(0)) read_again();
    }
    void read_again() {
        catalog_ = read_catalog(handle_);
        mark_bookkeeping(catalog_.schema, bookkeeping_);
    }

    // For requests by table index, which were made for the catalog as it was read.
    void require_current() {
        if (catalog_.version == query_int(handle_, "PRAGMA main.schema_version").value_or(0)) return;
        throw Error(ErrorKind::kBusy, cat("the schema of database ", quote(name_, 200), " has just been changed"))
            .with_detail("Another connection created, altered or dropped something after the tables were chosen.")
            .with_hint("run the command again");
    }

    std::string name_;
    std::vector<std::string> bookkeeping_;
    BusyWait busy_;
    std::optional<SQLite::Database> database_;  // nothing where the connection is the caller's
    Handle handle_;
    Catalog catalog_;
    std::unique_ptr<StoredValues> stored_values_;
    bool view_is_nested_ = false;  // in a transaction of the caller's
};

// There is no database where a folder is; perhaps in it.
Error is_folder(const std::string& path) {
    std::vector<std::string> inside;
    std::error_code code;
    int looked_at = 0;
    for (std::filesystem::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
        if (++looked_at > 200) break;
        if (describe_file(at->path().string()) == "a database")
            inside.push_back(at->path().lexically_normal().string());
    }
    std::sort(inside.begin(), inside.end());
    return Error(ErrorKind::kNotFound, cat(quote(path, 200), " is a folder, not a database"))
        .with_hint(inside.empty() ? "" : cat("databases in it: ", quote_list(inside)));
}

Error cannot_open(const Location& location, const std::string& words, int code) {
    const std::string shown = quote(location.shown, 200);
    struct stat facts = {};
    const int problem = !in_memory(location) && ::stat(location.file.c_str(), &facts) != 0 ? errno : 0;
    if (problem == ENOENT || problem == ENOTDIR) {
        std::vector<std::string> names;
        std::error_code ignored;
        const std::filesystem::path path(location.file);
        if (const auto target = std::filesystem::read_symlink(path, ignored); !target.empty()) {
            return Error(ErrorKind::kNotFound, cat("database ", shown, " does not exist"))
                .with_detail(cat("It is a link to ", quote(target.string(), 200), ", and there is no such file."));
        }
        const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
        for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
            names.push_back(entry.path().filename().string());
        return Error(ErrorKind::kNotFound, cat("database ", shown, " does not exist"))
            .with_hint(did_you_mean(path.filename().string(), names));
    }
    if (problem != 0)
        return Error(ErrorKind::kFailure, cat("could not open database ", shown, ": ", system_words(problem)));
    if (S_ISDIR(facts.st_mode)) return is_folder(location.file);
    if (!in_memory(location) && ::access(location.file.c_str(), R_OK) != 0) {
        return Error(ErrorKind::kFailure, cat("could not open database ", shown, ": permission denied"));
    }
    Error error(ErrorKind::kFailure, cat("could not open database ", shown));
    error.detail = words;
    if ((code & 0xFF) == SQLITE_CANTOPEN) {
        error.hint =
            "a database in WAL mode needs a folder that may be written to; copy it, or open \"file:...?immutable=1\" "
            "if nobody writes it";
    }
    return error;
}

}  // namespace

std::unique_ptr<Connection> open_sqlite(const Location& location, const OpenOptions& options) {
    try {
        return std::make_unique<SqliteConnection>(location, options);
    } catch (const SQLite::Exception& exception) {
        throw cannot_open(location, exception.what(), exception.getErrorCode());
    } catch (Error& error) {
        if (error.detail.find("unable to open") != std::string::npos)
            throw cannot_open(location, error.detail, SQLITE_CANTOPEN);
        const std::size_t colon = error.message.find(": ");
        error.message = cat("could not open database ", quote(location.shown, 200),
                            colon == std::string::npos ? std::string() : error.message.substr(colon));
        error.detail = error.detail.substr(0, error.detail.find(kInStatement));
        throw;
    }
}

std::unique_ptr<Connection> borrow_sqlite(sqlite3* connection, const std::vector<std::string>& bookkeeping) {
    return std::make_unique<SqliteConnection>(connection, bookkeeping);
}

}  // namespace dbfixture::sqlite
