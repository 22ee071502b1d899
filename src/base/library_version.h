// SPDX-License-Identifier: MIT
// A library in the build and its version. Each folder that includes libraries lists its own.
#pragma once

#include <string>

namespace dbfixture {

struct LibraryVersion {
    std::string name;
    std::string version;
};

}  // namespace dbfixture
