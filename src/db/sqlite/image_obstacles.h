// SPDX-License-Identifier: MIT
// States::obstacles() on SQLite: why rows that can be read could not be put back as they are.
//
//  1. A statement that a load needs cannot be prepared: an unknown collation or function in a key, a check, an index.
//  2. A row breaks what the table now demands (NOT NULL, CHECK, the types of a STRICT table), or holds what the
//  column's
//     affinity would have changed: rows from before the definition was altered, or written with checks off.
#pragma once

#include <string>
#include <vector>

#include "db/states.h"

namespace dbfixture::sqlite {

std::vector<Obstacle> find_obstacles(const std::string& path, int busy_timeout_ms);

}  // namespace dbfixture::sqlite
