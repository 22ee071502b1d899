// SPDX-License-Identifier: MIT
// A connection that one part of a command leaves to the next: connecting takes as long as reading a small database. It
// hangs on the Location (KeptByEngine) and ends with it. Not for the next command, before which the server's settings
// may change.
#pragma once

#include <memory>

#include "db/location.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

std::shared_ptr<KeptByEngine> make_kept_session();

// The one that was left, where it is alive and such a one; else a new one. Throws as Session does.
std::unique_ptr<Session> take_session(const Location& location, const SessionOptions& options);
// In no transaction, with nothing set since it was made.
void leave_session(const Location& location, std::unique_ptr<Session> session) noexcept;

}  // namespace dbfixture::mariadb
