// SPDX-License-Identifier: MIT
// Who holds the locks that a waiting connection waits for.
#pragma once

#include <string>

#include "db/location.h"

namespace dbfixture::postgres {

// "process 4711 (psql, user "app", idle in transaction)", several after one another; prepared transactions by their
// names. "" if it waits for nobody. Asks on a connection of its own. Throws Error.
std::string find_blockers(const Location& location, int backend);

}  // namespace dbfixture::postgres
