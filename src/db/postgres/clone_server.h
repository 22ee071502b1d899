// SPDX-License-Identifier: MIT
// The session that databases are made and dropped from, and what it asks of the others. It is connected to another
// database than those, as nobody may be connected to what is copied, renamed or dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// The database of that name at the same address.
Location beside(const Location& location, const std::string& name);
// The name of the database that the address means.
std::string database_name(const Location& location);

struct ServerDatabase {
    Oid oid = 0;
    std::string name;
    std::string comment;
};

// For those who can end them (States::end_sessions).
inline constexpr const char* kHowToEndUsers =
    "end their connections (--end-sessions does), or wait longer with --busy-timeout MS";

class CloneServer {
  public:
    // In the database "postgres", or in that of the address where this role cannot connect to that one.
    CloneServer(const Location& address, int busy_timeout_ms);

    Session& session() { return *session_; }
    const Location& address() const { return address_; }

    // One at a time makes databases; held until the session ends, of which the server takes notice in half a second
    // when the program is killed. Waits for longer than others would, as it is a queue of runs.
    void lock();
    // Whether somebody waits for the lock.
    bool is_waited_for();

    // Microseconds of the server's clock.
    std::int64_t now();
    std::optional<ServerDatabase> find(const std::string& name);
    // Those whose names begin with "dbfixture_".
    std::vector<ServerDatabase> own_names();
    // Who is connected to the database, but for this session: "process 4711 (psql, user "app", idle)"; prepared
    // transactions by their names. "" for nobody.
    std::string who_uses(const std::string& name);
    // Waits for the busy timeout until nobody uses it. Returns who still does.
    std::string wait_for_users(const std::string& name);
    // From now on that ends the sessions of who does; not what is prepared. Throws kBusy where this role may not.
    void end_users() { ends_users_ = true; }
    // Whose they were, if any were ended: a sentence without a full stop.
    void say_whose_ended(std::vector<std::string>& warnings) const;

    // Ends all sessions in it, and what they have prepared. Nothing if there is no such database. Throws Error.
    void drop(const std::string& name);

  private:
    void roll_back_prepared(const std::string& name);
    void end_sessions_in(const std::string& name, const std::string& users);

    Location address_;
    int busy_timeout_ms_;
    bool ends_users_ = false;
    std::string ended_users_;
    std::unique_ptr<Session> session_;
};

}  // namespace dbfixture::postgres
