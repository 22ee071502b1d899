// SPDX-License-Identifier: MIT
#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/connection.h"
#include "db/postgres/kept_session.h"
#include "db/postgres/location.h"
#include "db/postgres/session.h"
#include "db/saved_mark.h"

namespace dbfixture::postgres {

namespace {

constexpr std::string_view kReplicas = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_wal_senders()";
constexpr std::string_view kPublications = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_publication";

// What this role may not see is not counted.
std::string count_seen(Session& session, std::string_view sql) {
    try {
        return session.run(std::string(sql)).string(0, 0);
    } catch (const PgError&) {
        return "0";
    }
}

// Its comment, where its name is one of ours.
constexpr std::string_view kComment =
    ", coalesce(pg_catalog.shobj_description((SELECT oid FROM pg_catalog.pg_database WHERE datname = "
    "pg_catalog.current_database()), 'pg_database'), '')";

Result ask(Session& session, bool own_name) {
    const std::string_view comment = own_name ? kComment : "";
    constexpr std::string_view kItself =
        "SELECT pg_catalog.current_setting('dbfixture.disposable', true), pg_catalog.pg_is_in_recovery()";
    try {
        return session.run(cat(kItself, ", (", kReplicas, "), (", kPublications, ")", comment));
    } catch (const PgError&) {
        return session.run(
            cat(kItself, ", ", count_seen(session, kReplicas), ", ", count_seen(session, kPublications), comment));
    }
}

}  // namespace

DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms) {
    SessionOptions options;
    options.read_only = true;
    options.busy_timeout_ms = busy_timeout_ms;
    const std::shared_ptr<Session> session = borrow_session(location, options);
    const bool own_name = postgres::identify(location).name.starts_with(kOwnPrefix);
    const Result found = ask(*session, own_name);
    DatabaseOpinion out;
    out.disposable = equals_ignore_case(found.text(0, 0), "on") || equals_ignore_case(found.text(0, 0), "true");
    out.throwaway = own_name && found.text(0, 4).starts_with(kMarkStart);
    if (out.throwaway) return out;
    const auto replicas = static_cast<std::uint64_t>(found.integer(0, 2));
    const auto published = static_cast<std::uint64_t>(found.integer(0, 3));
    if (found.boolean(0, 1)) {
        out.valuable = "It is a standby in recovery: its rows are another server's.";
    } else if (replicas > 0) {
        out.valuable = cat("Its server is replicated: pg_stat_replication has ", plural(replicas, "row"), ".");
    } else if (published > 0) {
        out.valuable = cat("It feeds others: it has ", plural(published, "publication"), ".");
    }
    return out;
}

}  // namespace dbfixture::postgres
