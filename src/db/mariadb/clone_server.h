// SPDX-License-Identifier: MIT
// The session that databases of our own are made, marked and dropped from. It is in no database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/location.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// The database of that name at the same address.
Location beside(const Location& location, const std::string& name);
// The name of the database that the address means.
std::string database_name(const Location& location);

struct ServerDatabase {
    std::string name;
    std::string comment;
};

class CloneServer {
  public:
    // Throws kUsage for a server that keeps no comments of databases, and as Session does.
    CloneServer(const Location& address, int busy_timeout_ms);

    Session& session() { return session_; }
    // Those whose names begin with "dbfixture_" that this user may see.
    std::vector<ServerDatabase> own_names();

    // Empty, and marked with it; "" for the server's own character set and collation. Throws kFailure, with what to do,
    // where this user may not.
    void create(const std::string& name, const std::string& charset, const std::string& collation,
                const std::string& mark);
    void set_mark(const std::string& name, const std::string& mark);
    // Ends the sessions in it. Nothing if there is none of that name that bears a mark of ours. Throws Error.
    void drop(const std::string& name);

  private:
    Session session_;
};

}  // namespace dbfixture::mariadb
