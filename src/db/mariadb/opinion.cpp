// SPDX-License-Identifier: MIT
#include "base/cat.h"
#include "base/text.h"
#include "db/clone_mark.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/kept_session.h"
#include "db/mariadb/session.h"
#include "db/server_copy.h"

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

// Its comment, where its name is one of ours.
bool is_throwaway(Session& session) {
    if (!session.server().is_mariadb || !run_of_copy(session.server().database)) return false;
    const Result found =
        session.run("SELECT schema_comment FROM information_schema.schemata WHERE schema_name = DATABASE()");
    return found.rows() == 1 && read_clone_mark(found.text(0, 0)).has_value();
}

// "" if it is not.
std::string why_valuable(Session& session) {
    const std::string replica = session.server().is_mariadb ? "SHOW ALL SLAVES STATUS" : "SHOW REPLICA STATUS";
    const auto fed = static_cast<std::uint64_t>(
        rows_seen(session, "SELECT 1 FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"));
    if (rows_seen(session, replica) > 0) return "It is a replica: its rows are another server's.";
    if (fed == 0) return "";
    return cat("Its server is replicated: ", plural(fed, "replica"), fed == 1 ? " reads" : " read", " its binary log.");
}

}  // namespace

DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms) {
    std::unique_ptr<Session> own =
        take_session(location, SessionOptions{.read_only = false, .busy_timeout_ms = busy_timeout_ms});
    Session& session = *own;
    DatabaseOpinion out;
    out.throwaway = is_throwaway(session);
    if (!out.throwaway) out.valuable = why_valuable(session);
    leave_session(location, std::move(own));
    return out;
}

}  // namespace dbfixture::mariadb
