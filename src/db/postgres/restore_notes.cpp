// SPDX-License-Identifier: MIT
#include "db/postgres/restore_notes.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::postgres {

std::vector<std::string> what_is_not_restored(const Look& look) {
    std::vector<std::string> out;
    if (look.large_objects > 0)
        out.push_back(cat(plural(look.large_objects, "large object"), " of the database ",
                          look.large_objects == 1 ? "is" : "are", " as before: no state holds them"));
    if (!look.stale_views.empty())
        out.push_back(
            cat("materialized views may not show the rows that were restored, they were refreshed after the "
                "state was saved: ",
                quote_list(look.stale_views)));
    return out;
}

std::string who_holds_back(Session& session, const Look& look) {
    if (look.oldest == look.next) return "";
    const std::string oldest = short_number(look.oldest);
    const Result found = session.run(
        cat("SELECT 'process ' || a.pid || ' (' || coalesce(nullif(a.application_name, ''), '?') || ', database ' || "
            "coalesce(a.datname, '?') || ')', extract(epoch FROM clock_timestamp() - a.xact_start)::int8 FROM "
            "pg_stat_activity a WHERE a.backend_xid = '",
            oldest,
            "'::xid UNION ALL SELECT 'the prepared transaction ' || quote_ident(p.gid), extract(epoch FROM "
            "clock_timestamp() - p.prepared)::int8 FROM pg_prepared_xacts p WHERE p.transaction = '",
            oldest, "'::xid"));
    if (found.rows() == 0) return "";
    return cat(printable(found.text(0, 0), 200), " has had a transaction open for ",
               plural(static_cast<std::uint64_t>(found.integer(0, 1)), "second"),
               ": rows that were written meanwhile are looked at again by each restore");
}

}  // namespace dbfixture::postgres
