// SPDX-License-Identifier: MIT
#include "db/postgres/blockers.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

std::string find_blockers(const Location& location, int backend) {
    // So short a time that it never looks for those who block itself.
    SessionOptions options;
    options.read_only = true;
    options.busy_timeout_ms = 600'000;
    Session session(location, options);
    const Result found = session.run(
        "SELECT b.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(a.state, '') "
        "FROM (SELECT DISTINCT unnest(pg_catalog.pg_blocking_pids($1::int4)) AS pid) b "
        "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid ORDER BY 1",
        {cat(backend)});
    std::string out;
    const auto add = [&out](const std::string& holder) { append(out, cat(out.empty() ? "" : ", ", holder)); };
    for (int row = 0; row < found.rows(); ++row) {
        // A prepared transaction has no process. Which of them it is cannot be told.
        if (found.integer(row, 0) == 0) {
            const Result prepared = session.run(
                "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY "
                "1");
            for (int line = 0; line < prepared.rows(); ++line)
                add(cat("the prepared transaction ", quote(prepared.text(line, 0))));
            continue;
        }
        const std::string application = printable(found.text(row, 1), 60);
        add(cat("process ", found.integer(row, 0), " (", application, application.empty() ? "" : ", ", "user ",
                quote(found.text(row, 2)), ", ", found.text(row, 3), ")"));
    }
    return out;
}

}  // namespace dbfixture::postgres
