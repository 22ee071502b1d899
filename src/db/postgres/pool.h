// SPDX-License-Identifier: MIT
// What may stand between a client and the server: a pool of connections (pgbouncer, pgpool, Supavisor). One that keeps
// a session of the server for each of its clients is as good as the server. One that hands out sessions by the
// transaction is not: what is set or prepared in one transaction is missing in the next, and left behind for whoever
// has the session then.
#pragma once

#include <string>
#include <string_view>

#include "db/location.h"

namespace dbfixture::postgres {

// A statement that fails with kPooled, and with it all of its message, where the session is not the one that the client
// was told of at its start.
std::string require_backend(int backend);
inline constexpr std::string_view kPooled = "22012";

// Connects anew. Whether it sees what another client set by "SET dbfixture.session = mark" in its session. False where
// no session is free for it within a second: then the other client keeps its own.
bool sees_mark(const Location& location, const std::string& application, const std::string& mark);

}  // namespace dbfixture::postgres
