// SPDX-License-Identifier: MIT
// PostgreSQL behind the seam.
#pragma once

#include <array>
#include <memory>

#include "db/connection.h"
#include "db/open.h"
#include "db/states.h"

namespace dbfixture::postgres {

// Records only, which are every engine's (state/serialized.h).
inline constexpr std::array kStates = {StateForm{StateKind::kSerialized, ""}};

// Engine::open_states: throws kUsage.
std::unique_ptr<States> open_postgres_states(const Location& location, int busy_timeout_ms);

// Engine::opinion: "on" in the setting dbfixture.disposable of the database; replicas, publications, recovery.
DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms);

// Engine::connect.
std::unique_ptr<Connection> open_postgres(const Location& location, const OpenOptions& options);

}  // namespace dbfixture::postgres
