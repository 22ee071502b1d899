// SPDX-License-Identifier: MIT
// One connection to a server: statements with texts for results. Nothing here waits without looking for SIGINT, which
// ends the statement on the server (KILL QUERY from a connection of its own) and throws kInterrupted.
//
// Errors: ServerError (failure.h) for what the server refuses, kFailure for a connection that is lost. A statement that
// fails is undone whole; its transaction goes on, unless the server says kDeadlock.
#pragma once

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
#include "db/mariadb/failure.h"

// The client library's own, whose header stays in .cpp files.
struct st_mysql;
struct st_mysql_stmt;

namespace dbfixture::mariadb {

// What a statement gave back, as texts.
class Result {
  public:
    int rows() const { return columns_ == 0 ? 0 : static_cast<int>(texts_.size()) / columns_; }
    bool is_null(int row, int column) const { return !at(row, column).has_value(); }
    std::string_view text(int row, int column) const;  // "" for NULL
    std::string string(int row, int column) const { return std::string(text(row, column)); }
    std::int64_t integer(int row, int column) const;      // 0 for NULL
    std::uint64_t affected() const { return affected_; }  // rows that the statement changed

  private:
    friend class Session;
    const std::optional<std::string>& at(int row, int column) const {
        return texts_[static_cast<std::size_t>(row * columns_ + column)];
    }
    int columns_ = 0;
    std::uint64_t affected_ = 0;
    std::vector<std::optional<std::string>> texts_;
};

struct SessionOptions {
    bool read_only = false;  // the server refuses every write
    int busy_timeout_ms = 5000;
};

// What the server is and can.
struct ServerFacts {
    std::string name;  // "MariaDB 10.11.6"
    bool is_mariadb = true;
    bool takes_arrays = true;            // of parameters, for one statement
    bool exact_names = true;             // names of tables differ by case
    bool reads_committed = true;         // may a transaction that writes be READ COMMITTED
    std::uint64_t most_bytes = 1 << 20;  // of a message to it
    std::string database;
    std::string cluster;  // what tells its Galera cluster from others; "" where it is in none
    std::string node;     // what tells it from the others of its cluster
};

class Session {
  public:
    // Connects, and sets what reading and writing values needs whatever the server's and the user's own settings are
    // (reference/mariadb.md, section 2). Throws kNotFound (no such database), kFailure, kBusy (too many connections).
    Session(const Location& location, const SessionOptions& options);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    // What is to happen before anything is asked of the session: a load then sends what it has put by. Nothing, or a
    // function that does not come back to itself.
    void before_use(std::function<void()> action) { before_use_ = std::move(action); }

    // One statement.
    Result run(const std::string& sql);
    // Statements one after another, sent in one message (in several where the server takes no such long one), for which
    // nobody waits in between. What each gave back. The first that fails is the last that runs; its error is thrown.
    // None of them calls a program, which may give several results.
    std::vector<Result> run_all(std::span<const std::string> statements);
    // One statement whose rows are not kept: each is given to `take` as it comes, valid until that returns. `take` asks
    // nothing of the session.
    using TextRow = std::span<const std::optional<std::string_view>>;
    void each(const std::string& sql, const std::function<void(const TextRow&)>& take);
    // The one value of the first row as a number, nothing without a row or for NULL.
    std::optional<std::int64_t> number(const std::string& sql);

    // False where the server has ended the connection, as far as that is known without asking it.
    bool is_alive() const;

    bool in_transaction() const { return in_transaction_; }
    // Of the statements that begin and end transactions, which go through here.
    void begin(bool to_write);
    void commit();
    void rollback();

    const ServerFacts& server() const { return server_; }
    const Location& location() const { return location_; }
    const SessionOptions& options() const { return options_; }
    int busy_seconds() const;  // the busy timeout, as the server counts it
    // A further connection to the same database.
    std::unique_ptr<Session> another(const SessionOptions& options) const;

  private:
    friend class Statement;

    void set_up();
    void set_if_known(const std::string& setting);
    void kill() noexcept;  // the statement that runs
    void read_facts(const Result& found);
    std::string cluster_variable();
    void join_cluster();
    void start();  // of a statement
    int wait(int events);
    // `begin` starts a call of the library, `go_on` continues it, until it is done.
    template <typename Begin, typename GoOn>
    void call(const Begin& begin, const GoOn& go_on);
    void send(const std::string& sql);
    void fail_if_failed(std::string_view sql);
    [[noreturn]] void fail(unsigned number, std::string state, std::string words, std::string_view sql);
    Result take_result();
    bool next_result(std::string_view sql);
    void pass_further_results(std::string_view sql);

    using Clock = std::chrono::steady_clock;
    Location location_;
    SessionOptions options_;
    st_mysql* connection_ = nullptr;
    ServerFacts server_;
    std::function<void()> before_use_{};
    bool in_transaction_ = false;
    bool cancelled_ = false;  // a signal came, and the running statement was told to end
    Clock::time_point cancelled_at_{};
};

}  // namespace dbfixture::mariadb
