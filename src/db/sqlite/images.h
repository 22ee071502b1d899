// SPDX-License-Identifier: MIT
// States on SQLite.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "db/sqlite/connection.h"
#include "db/states.h"

namespace dbfixture::sqlite {

// Images are kept in files that are databases themselves.
inline constexpr std::array kStates = {StateForm{StateKind::kImage, "db"}};

// Engine::open_states.
std::unique_ptr<States> open_sqlite_states(const Location& location, int busy_timeout_ms);

// States::merge().
SavedState merge_image_file(const std::string& database, const SavedState& image, const std::vector<std::string>& keep,
                            const std::string& target, int busy_timeout_ms);

}  // namespace dbfixture::sqlite
