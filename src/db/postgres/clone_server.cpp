// SPDX-License-Identifier: MIT
#include "db/postgres/clone_server.h"

#include <unistd.h>

#include <algorithm>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/postgres/address.h"
#include "db/postgres/kept_session.h"
#include "db/postgres/location.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr auto kMeetingPlace = "postgres";
constexpr std::int64_t kLock = 0x646266697874;  // "dbfixt"
constexpr int kQueueMs = 10 * 60 * 1000;

std::vector<AddressPart> with_database(std::vector<AddressPart> parts, const std::string& name) {
    std::erase_if(parts, [](const AddressPart& part) { return part.name == "dbname"; });
    parts.push_back({"dbname", name});
    return parts;
}

std::unique_ptr<Session> open_session(const Location& address, int busy_timeout_ms) {
    SessionOptions options;
    options.busy_timeout_ms = busy_timeout_ms;
    try {
        return std::make_unique<Session>(beside(address, kMeetingPlace), options);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
    }
    return std::make_unique<Session>(address, options);
}

}  // namespace

Location beside(const Location& location, const std::string& name) {
    const std::string address = address_of(with_database(parts_of(location.address), name));
    UrlParts parts;
    parts.url = parts.rest = address;
    Location out = location.engine->locate(parts);
    out.engine = location.engine;
    // A driver's name in front stays. What Java takes for a URL has the user elsewhere.
    if (const std::size_t end = location.typed.find("://");
        end != std::string::npos && !location.typed.starts_with("jdbc:")) {
        const std::string url = address_in_form(out, "url");
        out.typed = cat(location.typed.substr(0, end), url.substr(url.find("://")));
    }
    return out;
}

std::string database_name(const Location& location) {
    return location.engine->identify(location).name;
}

CloneServer::CloneServer(const Location& address, int busy_timeout_ms)
    : address_(address), busy_timeout_ms_(busy_timeout_ms), session_(open_session(address, busy_timeout_ms)) {
    end_kept_session(address);  // a database with sessions is not copied
    // A database is always durable once it is made; so must its mark be.
    session_->run("SET synchronous_commit = local");
}

void CloneServer::lock() {
    session_->run(cat("SET lock_timeout = ", std::max(kQueueMs, busy_timeout_ms_)));
    session_->run(cat("SELECT pg_advisory_lock(", kLock, ")"));
    session_->run(cat("SET lock_timeout = ", std::max(busy_timeout_ms_, 1)));
}

bool CloneServer::is_waited_for() {
    return session_
               ->number(
                   cat("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1 "
                       "AND classid = ",
                       kLock >> 32, " AND objid = ", kLock & 0xffffffff,
                       " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
               .value_or(0) > 0;
}

std::int64_t CloneServer::now() {
    return session_->number("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8").value_or(0);
}

std::optional<ServerDatabase> CloneServer::find(const std::string& name) {
    const Result found = session_->run(
        "SELECT oid, datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", {name});
    if (found.rows() == 0) return std::nullopt;
    return ServerDatabase{static_cast<Oid>(found.integer(0, 0)), found.string(0, 1), found.string(0, 2)};
}

std::vector<ServerDatabase> CloneServer::own_names() {
    const Result found = session_->run(
        "SELECT oid, datname, shobj_description(oid, 'pg_database') FROM pg_database "
        "WHERE datname ~ '^dbfixture_' ORDER BY 2");
    std::vector<ServerDatabase> out;
    for (int row = 0; row < found.rows(); ++row)
        out.push_back({static_cast<Oid>(found.integer(row, 0)), found.string(row, 1), found.string(row, 2)});
    return out;
}

// Whoever has no user is one of the server's own, which end for who needs it.
std::string CloneServer::who_uses(const std::string& name) {
    constexpr std::size_t kMost = 5;
    std::vector<std::string> users;
    const Result found = session_->run(
        "SELECT pid, coalesce(application_name, ''), coalesce(usename, ''), coalesce(state, '') FROM pg_stat_activity "
        "WHERE datname = $1 AND usesysid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY 1",
        {name});
    for (int row = 0; row < found.rows(); ++row) {
        const std::string application = printable(found.text(row, 1), 60), state = found.string(row, 3);
        users.push_back(cat("process ", found.integer(row, 0), " (", application, application.empty() ? "" : ", ",
                            "user ", quote(found.text(row, 2)), state.empty() ? "" : ", ", state, ")"));
    }
    const Result prepared = session_->run("SELECT gid FROM pg_prepared_xacts WHERE database = $1 ORDER BY 1", {name});
    for (int row = 0; row < prepared.rows(); ++row)
        users.push_back(cat("the prepared transaction ", quote(prepared.text(row, 0))));
    std::string out;
    for (std::size_t i = 0; i < std::min(users.size(), kMost); ++i)
        append(out, cat(out.empty() ? "" : ", ", users[i]));
    if (users.size() > kMost) append(out, cat(" and ", users.size() - kMost, " more"));
    return out;
}

std::string CloneServer::wait_for_users(const std::string& name) {
    constexpr int kNapMs = 50;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_ms_);
    for (;;) {
        const std::string users = who_uses(name);
        if (users.empty() || std::chrono::steady_clock::now() >= end) return users;
        check_interrupt();
        if (ends_users_) end_sessions_in(name, users);
        ::usleep(kNapMs * 1000);
    }
}

void CloneServer::end_sessions_in(const std::string& name, const std::string& users) {
    try {
        const Result ended = session_->run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usesysid IS NOT NULL AND "
            "pid "
            "<> pg_backend_pid()",
            {name});
        if (ended.rows() > 0 && ended_users_.empty()) ended_users_ = users;
    } catch (const PgError& error) {
        if (error.diagnostics.sqlstate != kInsufficientPrivilege) throw;
        throw Error(ErrorKind::kBusy, cat("this role may not end the sessions of others in ", quote(name, 200)))
            .with_detail(cat("They are ", users, "."))
            .with_hint("have it granted (GRANT pg_signal_backend TO the role), or end them");
    }
}

void CloneServer::say_whose_ended(std::vector<std::string>& warnings) const {
    if (!ended_users_.empty()) warnings.push_back(cat("the sessions of others were ended: ", ended_users_));
}

void CloneServer::drop(const std::string& name) {
    constexpr int kHasForce = 130000;
    std::string sql = cat("DROP DATABASE IF EXISTS ", quote_identifier(name));
    if (session_->server_version() >= kHasForce) {
        append(sql, " WITH (FORCE)");
    } else {
        session_->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", {name});
    }
    try {
        session_->run(sql);
    } catch (const PgError& error) {
        if (error.diagnostics.sqlstate != kObjectInUse) throw;
        roll_back_prepared(name);
        session_->run(sql);
    }
}

void CloneServer::roll_back_prepared(const std::string& name) {
    Session inside(beside(address_, name), session_->options());
    const Result prepared = inside.run("SELECT gid FROM pg_prepared_xacts WHERE database = $1", {name});
    for (int row = 0; row < prepared.rows(); ++row)
        inside.run(cat("ROLLBACK PREPARED ", text_literal(prepared.text(row, 0))));
}

}  // namespace dbfixture::postgres
