// SPDX-License-Identifier: MIT
#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {
namespace {

// What this user may not see is not counted.
int rows_seen(Session& session, const std::string& sql) {
    try {
        return session.run(sql).rows();
    } catch (const ServerError&) {
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
    const std::string replica = session.server().is_mariadb ? "SHOW ALL SLAVES STATUS" : "SHOW REPLICA STATUS";
    const auto fed = static_cast<std::uint64_t>(
        rows_seen(session, "SELECT 1 FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"));
    if (rows_seen(session, replica) > 0) {
        out.valuable = "It is a replica: its rows are another server's.";
    } else if (fed > 0) {
        out.valuable = cat("Its server is replicated: ", plural(fed, "replica"), fed == 1 ? " reads" : " read",
                           " its binary log.");
    }
    return out;
}

}  // namespace dbfixture::mariadb
