// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "base/library_version.h"

namespace dbfixture {

// The database engines and their libraries.
std::vector<LibraryVersion> database_library_versions();

}  // namespace dbfixture
