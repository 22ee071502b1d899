// SPDX-License-Identifier: MIT
#include "db/postgres/session.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/postgres/address.h"
#include "db/postgres/blockers.h"
#include "db/postgres/connect.h"
#include "db/postgres/libpq.h"
#include "db/postgres/pool.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr int kLookAroundMs = 200;               // how often a wait looks for a signal that another thread took
constexpr std::chrono::seconds kCancelling{10};  // for the server to end a cancelled statement

struct Setting {
    std::string_view name, value;
};

// Whatever the role's own settings are. What a server does not know is left out.
constexpr std::array<Setting, 19> kSettings = {{{"search_path", "pg_catalog"},
                                                {"datestyle", "ISO, MDY"},
                                                {"intervalstyle", "postgres"},
                                                {"timezone", "UTC"},
                                                {"extra_float_digits", "1"},
                                                {"bytea_output", "hex"},
                                                {"lc_monetary", "C"},
                                                {"row_security", "off"},
                                                {"standard_conforming_strings", "on"},
                                                {"xmloption", "content"},
                                                {"array_nulls", "on"},
                                                {"synchronize_seqscans", "off"},
                                                {"transform_null_equals", "off"},
                                                {"statement_timeout", "0"},
                                                {"idle_in_transaction_session_timeout", "0"},
                                                {"idle_session_timeout", "0"},
                                                {"jit", "off"},
                                                {"client_connection_check_interval", "500"},
                                                {"default_transaction_deferrable", "off"}}};

// No time at all would mean no limit.
std::string own_settings(const SessionOptions& options) {
    return cat("SET lock_timeout = ", std::max(options.busy_timeout_ms, 1),
               "; SET default_transaction_read_only = ", options.read_only ? "on" : "off");
}

// Whether it is a standby, the search path, and then what is set. A SET each takes a third of the time of one query
// that sets them all, but fails where the server does not know one of them.
std::string set_up_query(bool known, const SessionOptions& options) {
    std::string sql, values;
    for (const Setting& setting : kSettings) {
        if (known) {
            append(sql, cat("; SET ", setting.name, " = ", text_literal(setting.value)));
        } else {
            append(values, cat(values.empty() ? "" : ", ", "(", text_literal(setting.name), ", ",
                               text_literal(setting.value), ")"));
        }
    }
    if (!known) {
        sql = cat("; SELECT pg_catalog.set_config(s.name, s.value, false) FROM (VALUES ", values,
                  ") s(name, value) WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL");
    }
    return cat("SELECT pg_catalog.pg_is_in_recovery(); SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))",
               sql, "; ", own_settings(options));
}

const char* field(const Result& result, int code) {
    const char* const text = libpq().PQresultErrorField(result.get(), code);
    return text == nullptr ? "" : text;
}

Diagnostics diagnostics_of(const Result& result) {
    const std::string_view position = field(result, PG_DIAG_STATEMENT_POSITION);
    std::uint64_t number = 0;
    std::from_chars(position.data(), position.data() + position.size(), number);
    return {field(result, PG_DIAG_SQLSTATE),
            field(result, PG_DIAG_MESSAGE_PRIMARY),
            field(result, PG_DIAG_MESSAGE_DETAIL),
            field(result, PG_DIAG_MESSAGE_HINT),
            field(result, PG_DIAG_CONTEXT),
            field(result, PG_DIAG_SCHEMA_NAME),
            field(result, PG_DIAG_TABLE_NAME),
            field(result, PG_DIAG_COLUMN_NAME),
            field(result, PG_DIAG_DATATYPE_NAME),
            field(result, PG_DIAG_CONSTRAINT_NAME),
            number};
}

struct Texts {
    std::vector<const char*> pointers;
    explicit Texts(std::span<const Parameter> parameters) {
        pointers.reserve(parameters.size());
        for (const Parameter& parameter : parameters)
            pointers.push_back(parameter ? parameter->c_str() : nullptr);
    }
    int count() const { return static_cast<int>(pointers.size()); }
};

}  // namespace

Session::Session(const Location& location, const SessionOptions& options)
    : location_(location), options_(options), connection_(connect(location, options.application, options.given_up)) {
    location_.kept = nullptr;  // which may hold this session
    try {
        set_up();
    } catch (...) {
        libpq().PQfinish(connection_);
        throw;
    }
}

Session::~Session() {
    libpq().PQfinish(connection_);
}

// In one message. First whether the session is this client's own, then the role's own limit, which may be shorter than
// what follows.
void Session::set_up() {
    constexpr int kWithAll = 140000;  // else it would log an error for each of our connections
    std::string first = require_backend(backend());
    bool known = server_version() >= kWithAll;
    std::vector<Result> found;
    while (found.empty()) {
        try {
            found = run_all(cat(first, "; SET statement_timeout = 0; ", set_up_query(known, options_)));
        } catch (const PgError& error) {
            if (error.diagnostics.sqlstate == kPooled) {
                require_own_session();
                first = "SELECT 1";
            } else if (known) {
                known = false;  // one that says it is newer than it is
            } else {
                throw;
            }
        }
    }
    in_recovery_ = found[2].boolean(0, 0);
    search_path_ = {part_of(parts_of(location_.address), kSchemaPart)};
    if (search_path_.front().empty()) {
        search_path_.clear();
        for (int row = 0; row < found[3].rows(); ++row) {
            if (!found[3].text(row, 0).starts_with("pg_")) search_path_.push_back(found[3].string(row, 0));
        }
    }
    if (!options_.read_only) require_writable();
    const char* const encoding = libpq().PQparameterStatus(connection_, "server_encoding");
    unchecked_encoding_ = encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
}

// A mark that another client sees stands in a session which transactions take in turn, and so does one that has moved
// on.
void Session::require_own_session() {
    const std::string mark = cat(::getpid(), " ", Clock::now().time_since_epoch().count());
    constexpr auto kBackend = "SELECT pg_catalog.pg_backend_pid()";
    const std::optional<std::int64_t> before = number(kBackend);
    run(cat("SET dbfixture.session = ", text_literal(mark)));
    const bool is_shared = sees_mark(location_, options_.application, mark);
    run("RESET dbfixture.session");
    if (!is_shared && number(kBackend) == before) return;
    throw Error(ErrorKind::kRefused, cat("cannot work on ", quote(location_.shown, 200),
                                         ": a pool of connections gives each transaction another session"))
        .with_detail("What dbfixture sets in a session would be missing in the next, and be left to others.")
        .with_hint(
            "connect to the server itself, or have the pool keep a session for each client (pool_mode = session)");
}

void Session::require_writable() const {
    if (!in_recovery_) return;
    throw Error(ErrorKind::kRefused,
                cat("cannot write to ", quote(location_.shown, 200), ": it is a standby in recovery"))
        .with_hint("name the server that it follows");
}

void Session::become(const SessionOptions& options) {
    if (forgotten_) {
        options_ = options;
        set_up();
        forgotten_ = false;
        return;
    }
    if (!options.read_only) require_writable();
    const bool other = options.read_only != options_.read_only || options.busy_timeout_ms != options_.busy_timeout_ms;
    options_ = options;
    if (other) run(own_settings(options_));
}

void Session::forget() {
    before_use_ = nullptr;
    run("DISCARD ALL");
    forgotten_ = true;
}

// What a server says when it ends a connection comes before the end of it.
bool Session::is_alive() {
    pollfd socket = {libpq().PQsocket(connection_), POLLIN, 0};
    while (libpq().PQstatus(connection_) != CONNECTION_BAD && ::poll(&socket, 1, 0) > 0) {
        if (libpq().PQconsumeInput(connection_) == 0) return false;
    }
    return libpq().PQstatus(connection_) != CONNECTION_BAD;
}

Result Session::run(const std::string& sql) {
    start();
    sent(libpq().PQsendQuery(connection_, sql.c_str()));
    return finish(sql);
}

std::vector<Result> Session::run_all(const std::string& sql, const CopiedRow& copied) {
    start();
    sent(libpq().PQsendQuery(connection_, sql.c_str()));
    std::vector<Result> all;
    finish(sql, &all, copied);
    return all;
}

Result Session::run(const std::string& sql, std::span<const Parameter> parameters) {
    start();
    const Texts texts(parameters);
    sent(libpq().PQsendQueryParams(connection_, sql.c_str(), texts.count(), nullptr, texts.pointers.data(), nullptr,
                                   nullptr, 0));
    return finish(sql);
}

// lock_timeout is for each lock that the statement takes. A deadline somewhat later, so that many locks that are free
// are taken however short the time is.
void Session::lock(const std::string& sql) {
    constexpr int kForManyMs = 500;
    locking_ = true;
    try {
        run(cat("SET LOCAL statement_timeout = ", options_.busy_timeout_ms + kForManyMs, "; ", sql,
                "; SET LOCAL statement_timeout = 0"));
    } catch (...) {
        locking_ = false;
        throw;
    }
    locking_ = false;
}

void Session::prepare(const std::string& name, const std::string& sql) {
    start();
    sent(libpq().PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr));
    finish(sql);
}

Result Session::run_prepared(const std::string& name, std::span<const Parameter> parameters) {
    start();
    const Texts texts(parameters);
    sent(libpq().PQsendQueryPrepared(connection_, name.c_str(), texts.count(), texts.pointers.data(), nullptr, nullptr,
                                     0));
    return finish(name);
}

std::optional<std::int64_t> Session::number(const std::string& sql) {
    const Result result = run(sql);
    if (result.rows() == 0 || result.is_null(0, 0)) return std::nullopt;
    return result.integer(0, 0);
}

bool Session::copies_binary() {
    if (copies_binary_) return *copies_binary_;
    constexpr std::string_view kName = "dbfixture_binary";
    const bool inside = in_transaction();
    try {
        run_all(cat(inside ? cat("SAVEPOINT ", kName, "; ") : "", "COPY (SELECT 1) TO STDOUT (FORMAT binary)",
                    inside ? cat("; RELEASE SAVEPOINT ", kName) : ""),
                [](std::size_t, std::string_view) {});
        copies_binary_ = true;
    } catch (const PgError&) {
        if (inside) run(cat("ROLLBACK TO SAVEPOINT ", kName, "; RELEASE SAVEPOINT ", kName));
        copies_binary_ = false;
    }
    return *copies_binary_;
}

bool Session::in_transaction() const {
    const PGTransactionStatusType state = libpq().PQtransactionStatus(connection_);
    return state != PQTRANS_IDLE && state != PQTRANS_UNKNOWN;
}

bool Session::transaction_failed() const {
    return libpq().PQtransactionStatus(connection_) == PQTRANS_INERROR;
}

int Session::server_version() const {
    return libpq().PQserverVersion(connection_);
}

std::string Session::server_name() const {
    const char* const version = libpq().PQparameterStatus(connection_, "server_version");
    const std::string_view text = version == nullptr ? "" : version;
    return cat("PostgreSQL ", text.substr(0, text.find(' ')));
}

int Session::backend() const {
    return libpq().PQbackendPID(connection_);
}

std::unique_ptr<Session> Session::another() const {
    return std::make_unique<Session>(location_, options_);
}

void Session::start() {
    if (before_use_) before_use_();
    // Once: what is undone after a signal still runs.
    if (const int signal = pending_interrupt(); signal != 0 && !cancelled_) {
        cancelled_ = true;
        throw interrupt_error(signal);
    }
    blockers_.clear();
    looked_for_blockers_ = false;
    started_ = Clock::now();
}

void Session::sent(int accepted) {
    if (accepted != 1) fail_connection();
    flush();
}

void Session::flush() {
    for (;;) {
        const int left = libpq().PQflush(connection_);
        if (left == 0) return;
        if (left < 0) fail_connection();
        wait(true);
    }
}

// What the server sends meanwhile is taken in, or both sides would wait for each other.
void Session::wait(bool to_write) {
    pollfd socket = {libpq().PQsocket(connection_), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0};
    // Who holds a lock is asked before the wait for it ends, however short that is.
    const int before_look = options_.busy_timeout_ms / 5;
    const int ready =
        ::poll(&socket, 1, looked_for_blockers_ ? kLookAroundMs : std::clamp(before_look, 1, kLookAroundMs));
    if (ready < 0 && errno != EINTR) fail_connection();
    if (pending_interrupt() != 0 && !cancelled_) {
        cancelled_ = true;
        started_ = Clock::now();
        cancel(connection_);
    }
    if (options_.given_up != nullptr && *options_.given_up) {
        cancel(connection_);
        throw Error(ErrorKind::kFailure, "nobody waits for the answer");
    }
    if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && libpq().PQconsumeInput(connection_) == 0) fail_connection();
    if (ready > 0) return;
    const auto waited = Clock::now() - started_;
    if (cancelled_ && pending_interrupt() != 0 && waited > kCancelling) throw interrupt_error(pending_interrupt());
    if (!looked_for_blockers_ && waited > std::chrono::milliseconds(options_.busy_timeout_ms) * 4 / 10) {
        looked_for_blockers_ = true;
        note_blockers();
    }
}

Result Session::next_result() {
    while (libpq().PQisBusy(connection_) != 0)
        wait(false);
    return Result(libpq().PQgetResult(connection_));
}

void Session::take_copied(std::size_t place, const CopiedRow& copied) {
    for (;;) {
        char* row = nullptr;
        const int size = libpq().PQgetCopyData(connection_, &row, 1);
        if (size > 0) copied(place, {row, static_cast<std::size_t>(size - 1)});
        libpq().PQfreemem(row);
        if (size < 0) return;
        if (size == 0) wait(false);
    }
}

Result Session::finish(const std::string& sql, std::vector<Result>* all, const CopiedRow& copied) {
    Result last, failed;
    for (;;) {
        Result result = next_result();
        if (!result) break;
        const ExecStatusType status = libpq().PQresultStatus(result.get());
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (!failed) failed = std::move(result);
        } else {
            if (status == PGRES_COPY_OUT && copied) {
                take_copied(all->size(), copied);  // its own result comes next
                continue;
            }
            if (all != nullptr) {
                all->push_back(std::move(result));
                continue;
            }
            last = std::move(result);
            if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
        }
        if (libpq().PQstatus(connection_) == CONNECTION_BAD) break;
    }
    if (failed) fail(failed, sql);
    return last;
}

void Session::check_cancelled() {
    if (cancelled_ && pending_interrupt() != 0) throw interrupt_error(pending_interrupt());
}

void Session::fail(const Result& result, const std::string& sql) {
    Diagnostics found = diagnostics_of(result);
    if (libpq().PQstatus(connection_) == CONNECTION_BAD) fail_connection();
    if (found.sqlstate == kQueryCanceled) {
        check_cancelled();
        if (locking_) found.sqlstate = kLockNotAvailable;
    }
    PgError error(std::move(found), cat("could not run a statement on ", quote(location_.shown, 200)));
    if (error.kind == ErrorKind::kBusy) {
        error.message = error.diagnostics.sqlstate == kLockNotAvailable
                            ? cat("database ", quote(location_.shown, 200), " is locked by another connection")
                            : cat("database ", quote(location_.shown, 200), " is in use by another connection");
        if (!blockers_.empty()) error.detail = cat("It is held by ", blockers_, ".");
        error.hint = "end the other connection's transaction, or wait longer with --busy-timeout MS";
    } else if (!error.diagnostics.context.empty()) {
        error.detail = cat(error.detail, " (", error.diagnostics.context, ")");
    } else if (error.diagnostics.sqlstate.starts_with("42")) {
        error.detail = cat(error.detail, "; in ", printable(sql, 300));
    }
    throw error;
}

void Session::fail_connection() {
    std::string words = libpq().PQerrorMessage(connection_);
    while (!words.empty() && words.back() == '\n')
        words.pop_back();
    check_cancelled();
    throw Error(ErrorKind::kFailure, cat("lost the connection to ", quote(location_.shown, 200)))
        .with_detail(std::move(words));
}

void Session::note_blockers() noexcept {
    try {
        blockers_ = find_blockers(location_, backend());
    } catch (const std::exception&) {
        // Who it is would have been nice to know.
    }
}

}  // namespace dbfixture::postgres
