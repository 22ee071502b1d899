// SPDX-License-Identifier: MIT
#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/connection.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {
namespace {

// What this role may not see is not counted: 0 for it.
std::int64_t count(Session& session, const std::string& sql) {
    try {
        return session.number(sql).value_or(0);
    } catch (const PgError&) {
        return 0;
    }
}

}  // namespace

DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms) {
    SessionOptions options;
    options.read_only = true;
    options.busy_timeout_ms = busy_timeout_ms;
    Session session(location, options);
    DatabaseOpinion out;
    const Result setting = session.run("SELECT current_setting('dbfixture.disposable', true)");
    out.disposable = equals_ignore_case(setting.text(0, 0), "on") || equals_ignore_case(setting.text(0, 0), "true");
    if (count(session, "SELECT pg_is_in_recovery()::int4") != 0) {
        out.valuable = "It is a standby in recovery: its rows are another server's.";
    } else if (const auto replicas = count(session, "SELECT count(*) FROM pg_stat_replication"); replicas > 0) {
        out.valuable = cat("Its server is replicated: pg_stat_replication has ",
                           plural(static_cast<std::uint64_t>(replicas), "row"), ".");
    } else if (const auto published = count(session, "SELECT count(*) FROM pg_publication"); published > 0) {
        out.valuable =
            cat("It feeds others: it has ", plural(static_cast<std::uint64_t>(published), "publication"), ".");
    }
    return out;
}

}  // namespace dbfixture::postgres
