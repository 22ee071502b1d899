// SPDX-License-Identifier: MIT
// MariaDB and MySQL behind the seam.
#pragma once

#include <array>
#include <memory>

#include "db/connection.h"
#include "db/open.h"
#include "db/states.h"

namespace dbfixture::mariadb {

// Records only, which are every engine's (state/serialized.h).
inline constexpr std::array kStates = {StateForm{StateKind::kSerialized, ""}};

// Engine::open_states: throws kUsage.
std::unique_ptr<States> open_mariadb_states(const Location& location, int busy_timeout_ms);

// Engine::opinion: whether the server feeds others, or is fed itself.
DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms);

// Engine::connect.
std::unique_ptr<Connection> open_mariadb(const Location& location, const OpenOptions& options);

}  // namespace dbfixture::mariadb
