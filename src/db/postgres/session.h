// SPDX-License-Identifier: MIT
// One connection to a server: statements, rows and COPY in both directions. Nothing here waits without looking for
// SIGINT, which cancels the statement on the server and throws kInterrupted.
//
// Errors: PgError (diagnostics.h) for what the server refuses, kFailure for a connection that is lost. A transaction in
// which a statement failed can only be rolled back, to a savepoint or whole.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/location.h"
#include "db/postgres/diagnostics.h"

// The client library's own, whose header stays in .cpp files.
struct pg_conn;
struct pg_result;

namespace dbfixture::postgres {

// What a statement gave back. Texts are valid while it lives.
class Result {
  public:
    Result() = default;
    explicit Result(pg_result* result) : result_(result) {}

    int rows() const;
    int columns() const;
    bool is_null(int row, int column) const;
    std::string_view text(int row, int column) const;  // "" for NULL
    std::string string(int row, int column) const { return std::string(text(row, column)); }
    std::int64_t integer(int row, int column) const;       // 0 for NULL
    std::uint64_t transaction(int row, int column) const;  // of type xid8: 0 for NULL
    bool boolean(int row, int column) const { return text(row, column) == "t"; }
    char letter(int row, int column) const;                         // of a "char" column; '\0' for NULL and for none
    std::vector<std::int64_t> integers(int row, int column) const;  // of an array of integers: "{1,2}"
    std::uint64_t affected() const;                                 // rows that the statement wrote
    explicit operator bool() const { return result_ != nullptr; }
    pg_result* get() const { return result_.get(); }

  private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

// A parameter in the server's text form; nothing is NULL.
using Parameter = std::optional<std::string>;

struct SessionOptions {
    bool read_only = false;  // the server refuses every write
    int busy_timeout_ms = 5000;
    std::string application = "dbfixture";
    const std::atomic<bool>* given_up = nullptr;  // once it is true, what waits ends with kFailure
};

class Session {
  public:
    // Connects, and sets what reading and writing values needs whatever the role's own settings are
    // (reference/postgresql.md, section 2). Throws kNotFound (no such database), kFailure, kBusy (too many
    // connections), kRefused (a standby that is to be written to; a pool of transactions: pool.h).
    Session(const Location& location, const SessionOptions& options);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    // What is to happen before anything is asked of the session: a load then sends what it has put by. Nothing, or a
    // function that does not come back to itself.
    void before_use(std::function<void()> action) { before_use_ = std::move(action); }

    // One statement, or several of which the last one's result comes back.
    Result run(const std::string& sql);
    Result run(const std::string& sql, std::span<const Parameter> parameters);
    Result run(const std::string& sql, std::initializer_list<Parameter> parameters) {
        return run(sql, std::span<const Parameter>(parameters.begin(), parameters.size()));
    }
    // Several statements in one message: a result for each. Rows of those that are COPY ... TO STDOUT are given to
    // `copied` one by one, without their line ends, with the place of the result that their statement will have.
    using CopiedRow = std::function<void(std::size_t place, std::string_view row)>;
    std::vector<Result> run_all(const std::string& sql, const CopiedRow& copied = nullptr);
    // A statement of a transaction that only locks: kBusy where it waits longer than the busy timeout in all.
    void lock(const std::string& sql);
    void prepare(const std::string& name, const std::string& sql);
    Result run_prepared(const std::string& name, std::span<const Parameter> parameters);
    // The one value of the first row as a number, nothing without a row or for NULL.
    std::optional<std::int64_t> number(const std::string& sql);

    // Whether the server gives rows in COPY's binary format, which some that speak its protocol do not. Asked once.
    bool copies_binary();

    // Without asking the server, which may have ended it a moment ago.
    bool is_alive();
    // Goes on as if it had been made with these options, in no transaction. Throws kRefused as the constructor does.
    void become(const SessionOptions& options);
    // In no transaction: nothing is left of what was set, prepared, locked or made for it alone. become() comes next.
    void forget();

    // Inside BEGIN ... COMMIT, failed or not.
    bool in_transaction() const;
    bool transaction_failed() const;

    int server_version() const;       // 150006
    std::string server_name() const;  // "PostgreSQL 15.6"
    int backend() const;              // its process on the server
    const Location& location() const { return location_; }
    const SessionOptions& options() const { return options_; }
    // The schemas of the role's own search path that are there, without the server's; else the one that the address
    // says.
    const std::vector<std::string>& search_path() const { return search_path_; }
    // A further connection to the same database with the same options.
    std::unique_ptr<Session> another() const;
    // Whether texts may hold bytes that are no UTF-8: a database of encoding SQL_ASCII.
    bool unchecked_encoding() const { return unchecked_encoding_; }

  private:
    friend class CopyOut;
    friend class CopyIn;

    using Clock = std::chrono::steady_clock;

    void set_up();
    void require_own_session();
    void require_writable() const;
    // Until the socket can be read (and, if asked, written).
    void wait(bool to_write);
    // Until all that was sent has left.
    void flush();
    void start();  // of a statement
    void sent(int accepted);
    // The next result of the running statement, nothing at its end.
    Result next_result();
    // All results to the end, or to a COPY that has begun. The last; throws for the first that failed.
    Result finish(const std::string& sql, std::vector<Result>* all = nullptr, const CopiedRow& copied = nullptr);
    void take_copied(std::size_t place, const CopiedRow& copied);
    [[noreturn]] void fail(const Result& result, const std::string& sql);
    [[noreturn]] void fail_connection();
    void check_cancelled();
    void note_blockers() noexcept;

    Location location_;
    SessionOptions options_;
    pg_conn* connection_ = nullptr;
    std::function<void()> before_use_{};
    std::vector<std::string> search_path_;
    bool unchecked_encoding_ = false;
    std::optional<bool> copies_binary_;
    bool in_recovery_ = false;
    bool forgotten_ = false;
    bool locking_ = false;
    bool cancelled_ = false;  // a signal came, and the running statement was told to end
    Clock::time_point started_{};
    bool looked_for_blockers_ = false;
    std::string blockers_;  // who holds what the running statement waits for
};

}  // namespace dbfixture::postgres
