// SPDX-License-Identifier: MIT
// A database that holds a state, and to which nobody can connect (DESIGN 14): so it stays as it was made, and is free
// to be copied at any time.
#pragma once

#include <memory>
#include <string>

#include "db/connection.h"
#include "db/open.h"
#include "db/postgres/clone_server.h"
#include "db/states.h"

namespace dbfixture::postgres {

// The name of the database that holds the state. Throws kNotFound where its place has no file; kInput, naming the
// place, if the database is not there, not ours, or has been open to connections.
std::string find_template(CloneServer& server, const SavedState& state);

// A session of its own in it, which only reads.
class ClosedSession {
  public:
    ClosedSession(CloneServer& server, const std::string& name);
    Session& session() const { return *session_; }

  private:
    std::unique_ptr<Session> session_;
};

// Lets nobody in but the connection that it returns. A name that only we know keeps others out meanwhile.
std::unique_ptr<Connection> open_closed(CloneServer& server, const std::string& name, OpenMode mode);

}  // namespace dbfixture::postgres
