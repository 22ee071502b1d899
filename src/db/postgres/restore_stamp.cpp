// SPDX-License-Identifier: MIT
#include "db/postgres/restore_stamp.h"

#include <charconv>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "db/postgres/restore_sequences.h"

namespace dbfixture::postgres {
namespace {

// SQL: rule 2, with the database.
constexpr std::string_view kServer =
    "concat_ws(' ', 'copy', s.system_identifier, d.oid, extract(epoch FROM pg_postmaster_start_time()), extract(epoch "
    "FROM pg_stat_get_bgwriter_stat_reset_time()))";
constexpr std::string_view kFrom = " FROM pg_control_system() s JOIN pg_database d ON d.datname = current_database()";

// The next number, of a snapshot that has no open transaction before it: "712:712:".
std::optional<std::uint64_t> next_number(std::string_view snapshot) {
    std::uint64_t oldest = 0, next = 0;
    const char* const end = snapshot.data() + snapshot.size();
    const auto first = std::from_chars(snapshot.data(), end, oldest);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, next);
    if (second.ec != std::errc() || oldest != next || second.ptr + 1 != end || *second.ptr != ':') return std::nullopt;
    return next;
}

std::string stamp_of(std::string_view server, std::uint64_t next) {
    return cat(server, " ", next);
}

}  // namespace

std::string take_stamp(Session& session) {
    const Result found =
        session.run(cat("SELECT ", kServer,
                        ", pg_current_snapshot(), pg_current_xact_id_if_assigned() IS NOT NULL, EXISTS (SELECT FROM "
                        "pg_class WHERE relkind = 'S' AND relpersistence = 'u')",
                        kFrom));
    const auto next = next_number(found.text(0, 1));
    if (!next || found.boolean(0, 3)) return "";
    return stamp_of(found.text(0, 0), *next + (found.boolean(0, 2) ? 1 : 0));
}

bool is_true(Session& session, const std::string& stamp, const std::string& object) {
    if (!stamp.starts_with("copy ")) return false;
    try {
        const Result found = session.run(
            cat("SELECT ", kServer,
                ", pg_current_snapshot(), EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.database "
                "= d.oid AND l.relation >= 16384 AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', "
                "'ExclusiveLock', 'AccessExclusiveLock') AND l.pid IS DISTINCT FROM pg_backend_pid())",
                kFrom));
        const auto next = next_number(found.text(0, 1));
        return next && stamp_of(found.text(0, 0), *next) == stamp && !found.boolean(0, 2) &&
               session.run(moved_sequences(object)).rows() == 0;
    } catch (const PgError& error) {
        // What the state says cannot be read, or a sequence of it is not there.
        if (error.diagnostics.sqlstate.starts_with("42")) return false;
        throw;
    }
}

}  // namespace dbfixture::postgres
