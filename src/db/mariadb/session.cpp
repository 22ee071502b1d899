// SPDX-License-Identifier: MIT
#include "db/mariadb/session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/mariadb/address.h"
#include "db/mariadb/calls.h"
#include "db/mariadb/cluster.h"
#include "db/mariadb/connect.h"
#include "db/mariadb/libmariadb.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::chrono::seconds kCancelling{10};  // for the server to end a statement that was told to

// Never NO_ZERO_DATE, NO_ZERO_IN_DATE, NO_BACKSLASH_ESCAPES, ANSI_QUOTES, PAD_CHAR_TO_FULL_LENGTH: values would not
// come back as they are.
constexpr std::string_view kSettings =
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', "
    "unique_checks = 1, autocommit = 1";

// Whatever the user's own are. A server that speaks the same protocol need not know them.
constexpr std::array<std::string_view, 6> kFurther = {"lc_messages = 'en_US'",   "sql_safe_updates = 0",
                                                      "sql_auto_is_null = 0",    "sql_select_limit = DEFAULT",
                                                      "net_read_timeout = 3600",  // of a reader that takes its time
                                                      "net_write_timeout = 3600"};

std::uint64_t unsigned_of(std::string_view text) {
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

constexpr std::string_view kFacts =
    "SELECT VERSION(), @@max_allowed_packet, @@lower_case_table_names, @@log_bin, @@binlog_format, DATABASE(), ";

Error not_all_run(const Location& location) {
    return Error(ErrorKind::kFailure, cat("could not run several statements at once on ", quote(location.shown, 200)))
        .with_detail("Its answer ends before the last of them.");
}

}  // namespace

std::string_view Result::text(int row, int column) const {
    const std::optional<std::string>& found = at(row, column);
    return found ? std::string_view(*found) : std::string_view();
}

std::int64_t Result::integer(int row, int column) const {
    const std::string_view digits = text(row, column);
    std::int64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

Session::Session(const Location& location, const SessionOptions& options)
    : location_(location), options_(options), connection_(connect(location)) {
    location_.kept = nullptr;  // which may hold this session
    try {
        set_up();
    } catch (...) {
        libmariadb().mysql_close(connection_);
        throw;
    }
}

Session::~Session() {
    libmariadb().mysql_close(connection_);
}

// MySQL has no shorter one than a second.
int Session::busy_seconds() const {
    return std::max((options_.busy_timeout_ms + 999) / 1000, server_.is_mariadb ? 0 : 1);
}

void Session::set_up() {
    const char* const version = libmariadb().mysql_get_server_info(connection_);
    server_.is_mariadb = version != nullptr && std::string_view(version).find("MariaDB") != std::string_view::npos;
    std::vector<std::string> further(kFurther.begin(), kFurther.end());
    further.push_back(cat("lock_wait_timeout = ", busy_seconds()));
    further.push_back(cat("innodb_lock_wait_timeout = ", busy_seconds()));
    further.emplace_back(server_.is_mariadb ? "max_statement_time = 0" : "max_execution_time = 0");
    std::string all(kSettings);
    for (const std::string& setting : further)
        append(all, cat(", ", setting));
    std::vector<std::string> statements = {"SET NAMES utf8mb4 COLLATE utf8mb4_bin"};
    if (options_.read_only) statements.emplace_back("SET SESSION TRANSACTION READ ONLY");
    statements.push_back(cat(kFacts, server_.is_mariadb ? "@@wsrep_on" : "0"));
    statements.push_back(all);
    try {
        read_facts(run_all(statements).at(statements.size() - 2));
    } catch (const ServerError& error) {
        statements.pop_back();
        if (error.number == kUnknownVariable) statements.back() = cat(kFacts, cluster_variable());
        read_facts(run_all(statements).back());
        run(std::string(kSettings));
        for (const std::string& setting : further)
            set_if_known(setting);
    }
}

// A server may be built without Galera.
std::string Session::cluster_variable() {
    try {
        if (server_.is_mariadb) return run("SELECT @@wsrep_on").string(0, 0);
    } catch (const ServerError&) {
    }
    return "0";
}

void Session::set_if_known(const std::string& setting) {
    try {
        run(cat("SET SESSION ", setting));
    } catch (const ServerError&) {
        // Then the server's own way is what there is.
    }
}

void Session::read_facts(const Result& found) {
    const std::string_view version = found.text(0, 0);
    server_.name = cat(server_.is_mariadb ? "MariaDB " : "MySQL ", version.substr(0, version.find('-')));
    server_.most_bytes = std::max<std::uint64_t>(unsigned_of(found.text(0, 1)), 1024);
    server_.exact_names = found.text(0, 2) == "0";
    server_.reads_committed = found.text(0, 3) == "0" || found.text(0, 4) != "STATEMENT";
    server_.database = found.string(0, 5);
    if (found.text(0, 6) == "1") join_cluster();
    unsigned long extended = 0;
    libmariadb().mariadb_get_infov(connection_, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended);
    // Statements that go to replicas as statements may have none.
    server_.takes_arrays = server_.is_mariadb && server_.reads_committed &&
                           (extended & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0 &&
                           part_of(parts_of(location_.address), "bulk") != "false";
}

// What is read is what all nodes have committed by then, and what is defined is defined on all of them.
void Session::join_cluster() {
    const Result found =
        run("SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_cluster_state_uuid', 'wsrep_gcomm_uuid')");
    for (int row = 0; row < found.rows(); ++row)
        (found.text(row, 0) == "wsrep_gcomm_uuid" ? server_.node : server_.cluster) = found.string(row, 1);
    set_if_known("wsrep_sync_wait = 15");
    set_if_known("wsrep_osu_method = 'TOI'");
}

void Session::start() {
    if (before_use_) before_use_();
    // Once: what is undone after a signal still runs.
    if (const int signal = pending_interrupt(); signal != 0 && !cancelled_) {
        cancelled_ = true;
        cancelled_at_ = Clock::now();
        throw interrupt_error(signal);
    }
}

void Session::kill() noexcept {
    kill_query(location_, libmariadb().mysql_thread_id(connection_), server_.node);
}

int Session::wait(int events) {
    return wait_for(connection_, events, [this] {
        if (pending_interrupt() == 0) return;
        if (!cancelled_) {
            cancelled_ = true;
            cancelled_at_ = Clock::now();
            kill();
        } else if (Clock::now() - cancelled_at_ > kCancelling) {
            throw interrupt_error(pending_interrupt());
        }
    });
}

void Session::send(const std::string& sql) {
    start();
    int failed = 0;
    call([&] { return libmariadb().mysql_real_query_start(&failed, connection_, sql.data(), sql.size()); },
         [&](int happened) { return libmariadb().mysql_real_query_cont(&failed, connection_, happened); });
    if (failed != 0) fail_if_failed(sql);
}

// Some statements end early without any other sign.
void Session::fail_if_failed(std::string_view sql) {
    if (const unsigned number = libmariadb().mysql_errno(connection_); number != 0)
        fail(number, libmariadb().mysql_sqlstate(connection_), libmariadb().mysql_error(connection_), sql);
}

Result Session::run(const std::string& sql) {
    send(sql);
    Result out = take_result();
    pass_further_results(sql);
    fail_if_failed(sql);
    return out;
}

std::vector<Result> Session::run_all(std::span<const std::string> statements) {
    std::vector<Result> out;
    const std::size_t most = static_cast<std::size_t>(server_.most_bytes / 2);
    while (out.size() < statements.size()) {
        const std::size_t first = out.size();
        std::size_t end = first + 1;
        std::string sql = statements[first];
        for (; end < statements.size() && sql.size() + statements[end].size() < most; ++end)
            append(sql, cat(";\n", statements[end]));
        send(sql);
        for (std::size_t at = first; at < end; ++at) {
            if (at > first && !next_result(statements[at])) throw not_all_run(location_);
            out.push_back(take_result());
            fail_if_failed(statements[at]);
        }
    }
    return out;
}

void Session::each(const std::string& sql, const std::function<void(const TextRow&)>& take) {
    send(sql);
    // What is left of it is thrown away when it is freed.
    const std::unique_ptr<MYSQL_RES, decltype(libmariadb().mysql_free_result)> found(
        libmariadb().mysql_use_result(connection_), libmariadb().mysql_free_result);
    fail_if_failed(sql);
    if (found == nullptr) return;
    std::vector<std::optional<std::string_view>> texts(libmariadb().mysql_num_fields(found.get()));
    for (;;) {
        MYSQL_ROW row = nullptr;
        call([&] { return libmariadb().mysql_fetch_row_start(&row, found.get()); },
             [&](int happened) { return libmariadb().mysql_fetch_row_cont(&row, found.get(), happened); });
        if (row == nullptr) break;
        const unsigned long* const sizes = libmariadb().mysql_fetch_lengths(found.get());
        for (std::size_t column = 0; column < texts.size(); ++column)
            texts[column] =
                row[column] == nullptr ? std::nullopt : std::optional(std::string_view(row[column], sizes[column]));
        take(texts);
    }
    fail_if_failed(sql);
}

Result Session::take_result() {
    Result out;
    MYSQL_RES* found = nullptr;
    call([&] { return libmariadb().mysql_store_result_start(&found, connection_); },
         [&](int happened) { return libmariadb().mysql_store_result_cont(&found, connection_, happened); });
    if (found == nullptr) {
        out.affected_ = libmariadb().mysql_affected_rows(connection_);
        return out;
    }
    const std::unique_ptr<MYSQL_RES, decltype(libmariadb().mysql_free_result)> holder(found,
                                                                                      libmariadb().mysql_free_result);
    out.columns_ = static_cast<int>(libmariadb().mysql_num_fields(found));
    while (MYSQL_ROW row = libmariadb().mysql_fetch_row(found)) {
        const unsigned long* const sizes = libmariadb().mysql_fetch_lengths(found);
        for (int column = 0; column < out.columns_; ++column) {
            if (row[column] == nullptr) {
                out.texts_.emplace_back();
            } else {
                out.texts_.emplace_back(std::in_place, row[column], sizes[column]);
            }
        }
    }
    return out;
}

// False where there is none.
bool Session::next_result(std::string_view sql) {
    if (libmariadb().mysql_more_results(connection_) == 0) return false;
    int failed = 0;
    call([&] { return libmariadb().mysql_next_result_start(&failed, connection_); },
         [&](int happened) { return libmariadb().mysql_next_result_cont(&failed, connection_, happened); });
    if (failed != 0) fail_if_failed(sql);
    return failed == 0;
}

// Of a program that was called. The first is its own.
void Session::pass_further_results(std::string_view sql) {
    while (libmariadb().mysql_errno(connection_) == 0 && next_result(sql))
        take_result();
}

// Nothing comes unasked but the end.
bool Session::is_alive() const {
    pollfd socket = {libmariadb().mysql_get_socket(connection_), POLLIN, 0};
    return ::poll(&socket, 1, 0) == 0;
}

std::optional<std::int64_t> Session::number(const std::string& sql) {
    const Result result = run(sql);
    if (result.rows() == 0 || result.is_null(0, 0)) return std::nullopt;
    return result.integer(0, 0);
}

// A view of one moment for who reads. Who writes sees what others commit: what it checks at its end must be true then.
void Session::begin(bool to_write) {
    if (!to_write) {
        run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    } else {
        run(server_.reads_committed ? "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
                                    : "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        run("START TRANSACTION READ WRITE");
    }
    in_transaction_ = true;
}

void Session::commit() {
    run("COMMIT");
    in_transaction_ = false;
}

void Session::rollback() {
    in_transaction_ = false;
    run("ROLLBACK");
}

std::unique_ptr<Session> Session::another(const SessionOptions& options) const {
    return std::make_unique<Session>(location_, options);
}

void Session::fail(unsigned number, std::string state, std::string words, std::string_view sql) {
    if (number == kInterruptedQuery && cancelled_ && pending_interrupt() != 0)
        throw interrupt_error(pending_interrupt());
    if (number == kServerGone || number == kServerLost || (number >= 2000 && number < 3000)) {
        if (cancelled_ && pending_interrupt() != 0) throw interrupt_error(pending_interrupt());
        throw Error(ErrorKind::kFailure, cat("lost the connection to ", quote(location_.shown, 200)))
            .with_detail(without_password(std::move(words), location_));
    }
    ServerError error(number, std::move(state), without_password(std::move(words), location_),
                      cat("could not run a statement on ", quote(location_.shown, 200)));
    if (describe_cluster_error(error, location_.shown)) throw error;
    if (number == kLockWaitTimeout) {
        error.message = cat("database ", quote(location_.shown, 200), " is locked by another connection");
        error.hint = "end the other connection's transaction, or wait longer with --busy-timeout MS";
    } else if (error.kind == ErrorKind::kBusy) {
        error.message = cat("database ", quote(location_.shown, 200), " is in use by another connection");
        error.hint = server_.cluster.empty()
                         ? "run the command again"
                         : "run the command again, and let nobody write through another node of the cluster meanwhile";
    } else if (error.kind == ErrorKind::kFailure && error.state.starts_with("42")) {
        error.detail = cat(error.detail, "; in ", printable(sql, 300));
    }
    throw error;
}

}  // namespace dbfixture::mariadb
