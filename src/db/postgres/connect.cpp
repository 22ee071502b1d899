// SPDX-License-Identifier: MIT
#include "db/postgres/connect.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/postgres/address.h"
#include "db/postgres/libpq.h"

namespace dbfixture::postgres {
namespace {

// The library's words, of several lines, as one.
std::string words_of(pg_conn* connection) {
    std::string out;
    for (const char* at = libpq().PQerrorMessage(connection); *at != '\0'; ++at) {
        if (*at != '\n' && *at != '\t') {
            out += *at;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    // A question that the hint asks.
    for (std::size_t at; (at = out.find(" Is the server running")) != std::string::npos;)
        out.erase(at, out.find('?', at) + 1 - at);
    return out;
}

// The server's report of a connection that it refused has no fields in the library: only its words, in its language.
Error cannot_connect(const Location& location, pg_conn* connection) {
    const std::string words = words_of(connection);
    const auto says = [&words](std::string_view part) { return words.find(part) != std::string::npos; };
    const bool needs_password = libpq().PQconnectionNeedsPassword(connection) != 0;
    ErrorKind kind = ErrorKind::kFailure;
    std::string hint;
    if (says("too many clients") || says("too many connections") || says("remaining connection slots")) {
        kind = ErrorKind::kBusy;
        hint = "end other connections, or raise max_connections";
    } else if (says("database \"") && says("does not exist")) {
        kind = ErrorKind::kNotFound;
        hint = "psql -l lists the databases of a server";
    } else if (needs_password || says("password authentication failed")) {
        hint = "give the password in the URL, in PGPASSWORD, or in ~/.pgpass (mode 0600)";
    } else if (says("Connection refused") || says("No such file or directory")) {
        hint = "is the server running there? host and port may also come from PGHOST, PGPORT or a service file";
    }
    return Error(kind, cat("could not connect to ", quote(location.shown, 200)))
        .with_detail(without_password(words, location))
        .with_hint(hint);
}

struct Pairs {
    std::vector<const char*> names, values;
};

// Seconds; 0 for no limit.
int connect_timeout(const std::vector<AddressPart>& parts) {
    int seconds = 0;
    for (const AddressPart& part : parts) {
        if (part.name == "connect_timeout")
            std::from_chars(part.value.data(), part.value.data() + part.value.size(), seconds);
    }
    return seconds;
}

// One step of the library's own waiting. False when the time is over.
bool wait_for(pg_conn* connection, PostgresPollingStatusType what, int milliseconds) {
    const short events = what == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd socket = {libpq().PQsocket(connection), events, 0};
    const int ready = ::poll(&socket, 1, milliseconds);
    check_interrupt();
    return ready != 0;
}

void finish_connecting(const Location& location, pg_conn* connection, int seconds, const std::atomic<bool>* given_up) {
    constexpr int kLookAroundMs = 200;
    constexpr int kGiveUpMs = 10;
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        while (!wait_for(connection, state, given_up == nullptr ? kLookAroundMs : kGiveUpMs)) {
            if (given_up != nullptr && *given_up) throw Error(ErrorKind::kFailure, "nobody waits for the connection");
            if (seconds > 0 && Clock::now() > end)
                throw Error(ErrorKind::kFailure, cat("could not connect to ", quote(location.shown, 200)))
                    .with_detail(cat("There was no answer for ", plural(static_cast<std::uint64_t>(seconds), "second"),
                                     " (connect_timeout)."));
        }
        state = libpq().PQconnectPoll(connection);
        if (state == PGRES_POLLING_FAILED) throw cannot_connect(location, connection);
    }
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

pg_conn* connect(const Location& location, const std::string& application, const std::atomic<bool>* given_up) {
    const std::vector<AddressPart> parts = parts_of(location.address);
    Pairs pairs;
    const auto add = [&pairs](const char* name, const char* value) {
        pairs.names.push_back(name);
        pairs.values.push_back(value);
    };
    add("fallback_application_name", application.c_str());
    for (const AddressPart& part : parts) {
        if (part.name != kSchemaPart) add(part.name.c_str(), part.value.c_str());
    }
    add("client_encoding", "UTF8");
    add(nullptr, nullptr);
    pg_conn* const connection = libpq().PQconnectStartParams(pairs.names.data(), pairs.values.data(), 0);
    if (connection == nullptr) throw Error(ErrorKind::kFailure, "out of memory");
    try {
        if (libpq().PQstatus(connection) == CONNECTION_BAD) throw cannot_connect(location, connection);
        libpq().PQsetNoticeReceiver(connection, ignore_notice, nullptr);
        finish_connecting(location, connection, connect_timeout(parts), given_up);
        libpq().PQsetnonblocking(connection, 1);
    } catch (...) {
        libpq().PQfinish(connection);
        throw;
    }
    return connection;
}

void cancel(pg_conn* connection) noexcept {
    PGcancel* const request = libpq().PQgetCancel(connection);
    if (request == nullptr) return;
    std::array<char, 256> words{};
    libpq().PQcancel(request, words.data(), static_cast<int>(words.size()));
    libpq().PQfreeCancel(request);
}

}  // namespace dbfixture::postgres
