// SPDX-License-Identifier: MIT
// From a location to an open connection of the client library, looking for SIGINT all the while.
#pragma once

#include <atomic>
#include <string>

#include "db/location.h"

struct pg_conn;

namespace dbfixture::postgres {

// Never nullptr. Throws kNotFound (no such database), kBusy (too many connections), kFailure, kInterrupted. `given_up`:
// SessionOptions.
pg_conn* connect(const Location& location, const std::string& application, const std::atomic<bool>* given_up = nullptr);

// Tells the server to end the statement that runs on the connection. Does not wait for it.
void cancel(pg_conn* connection) noexcept;

}  // namespace dbfixture::postgres
