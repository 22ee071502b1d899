// SPDX-License-Identifier: MIT
#include "db/postgres/pool.h"

#include <poll.h>

#include <chrono>
#include <memory>

#include "base/cat.h"
#include "base/interrupt.h"
#include "db/postgres/connect.h"
#include "db/postgres/libpq.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr std::chrono::seconds kLongestWait{1};
constexpr int kLookAroundMs = 50;  // for a signal

struct Finish {
    void operator()(pg_conn* connection) const { libpq().PQfinish(connection); }
};

// The first value of the statement's result, "" where it comes too late or not at all.
std::string first_value(pg_conn* connection, const std::string& sql) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + kLongestWait;
    if (libpq().PQsendQuery(connection, sql.c_str()) == 0) return {};
    while (libpq().PQflush(connection) > 0 || libpq().PQisBusy(connection) != 0) {
        check_interrupt();
        pollfd socket = {libpq().PQsocket(connection), POLLIN, 0};
        ::poll(&socket, 1, kLookAroundMs);
        if (libpq().PQconsumeInput(connection) == 0 || Clock::now() > end) return {};
    }
    PGresult* const result = libpq().PQgetResult(connection);
    const bool is_there = result != nullptr && libpq().PQntuples(result) == 1;
    std::string value = is_there ? libpq().PQgetvalue(result, 0, 0) : "";
    libpq().PQclear(result);
    return value;
}

}  // namespace

std::string require_backend(int backend) {
    return cat("SELECT 1 / (pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) ", backend, ")::pg_catalog.int4");
}

bool sees_mark(const Location& location, const std::string& application, const std::string& mark) {
    const std::unique_ptr<pg_conn, Finish> other(connect(location, application));
    return first_value(other.get(), "SELECT pg_catalog.current_setting('dbfixture.session', true)") == mark;
}

}  // namespace dbfixture::postgres
