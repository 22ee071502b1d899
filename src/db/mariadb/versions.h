// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "base/library_version.h"

namespace dbfixture::mariadb {

// Without opening the library.
std::vector<LibraryVersion> versions();

}  // namespace dbfixture::mariadb
