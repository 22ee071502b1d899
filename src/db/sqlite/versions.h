// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "base/library_version.h"

namespace dbfixture::sqlite {

// Engine::versions.
std::vector<LibraryVersion> versions();

}  // namespace dbfixture::sqlite
