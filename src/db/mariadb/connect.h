// SPDX-License-Identifier: MIT
// From a location to an open connection of the client library, looking for SIGINT all the while.
#pragma once

#include <functional>
#include <string>

#include "db/location.h"

struct st_mysql;

namespace dbfixture::mariadb {

// Never nullptr. Throws kNotFound (no such database), kBusy (too many connections), kFailure, kInterrupted.
st_mysql* connect(const Location& location);

// Until the server lets a call of the library go on: `events` are what the call waits for (MYSQL_WAIT_...); returns
// what has happened. `look_around` is called several times a second.
int wait_for(st_mysql* connection, int events, const std::function<void()>& look_around);

// Tells the server, over a connection of its own, to end the statement that the thread runs. Nothing where that
// connection ends at another node of a cluster than `node`, "" for no cluster.
void kill_query(const Location& location, unsigned long thread, const std::string& node) noexcept;

}  // namespace dbfixture::mariadb
