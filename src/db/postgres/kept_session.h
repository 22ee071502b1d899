// SPDX-License-Identifier: MIT
// A connection that one part of a command hands to the next: connecting takes as long as a small restore. It hangs on
// the Location (KeptByEngine), and one that nobody has taken over ends with that.
//
// Where the KeptByEngine outlives the command, connections come back to it from whoever took them:
//  1. Only one that is whole: in no transaction and in no statement. The server forgets all that was made for it, locks
//     and settings included (DISCARD ALL); whoever takes it has all of it set again.
//  2. What its role and its database are to begin with (ALTER ROLE, ALTER DATABASE ... SET) is asked again: where that
//     is another one by now, it is not taken.
//  3. A database that was dropped or made anew has ended it.
#pragma once

#include <memory>

#include "db/location.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

std::shared_ptr<KeptByEngine> make_kept_session();

// For a question in between: in no transaction, and left alone by the caller before anything else is asked of the
// database. What is connected already, else a new one, which is kept.
std::shared_ptr<Session> borrow_session(const Location& location, const SessionOptions& options);
// The one that was kept, or a new one: the caller's. `lend`: borrow_session() may have it while it is in no
// transaction.
std::shared_ptr<Session> take_session(const Location& location, const SessionOptions& options, bool lend);
// Nothing stays connected of what was kept.
void end_kept_session(const Location& location) noexcept;

}  // namespace dbfixture::postgres
