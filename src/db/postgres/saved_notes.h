// SPDX-License-Identifier: MIT
// What a state of kind "copy" does not hold.
#pragma once

#include <string>
#include <vector>

#include "db/postgres/saved_tables.h"
#include "db/postgres/session.h"
#include "db/states.h"

namespace dbfixture::postgres {

// Sentences without a full stop that name it: rows of foreign tables, large objects, what materialized views hold, and
// rows that users added to the tables of extensions.
std::vector<std::string> what_is_not_saved(Session& session, const LiveTables& live);

// What records do not hold: sequences that number no column, which a load does not know of.
std::vector<Obstacle> lone_sequences(Session& session);

}  // namespace dbfixture::postgres
