// SPDX-License-Identifier: MIT
// States::facts() on SQLite.
#pragma once

#include <string>

#include "db/states.h"

namespace dbfixture::sqlite {

// What cannot be read (statistics of a schema that this SQLite does not understand) is left out. Throws kBusy,
// kFailure.
StateFacts read_image_facts(const std::string& path, int busy_timeout_ms);

}  // namespace dbfixture::sqlite
