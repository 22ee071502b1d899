// SPDX-License-Identifier: MIT
// For tests on real files: where ../shared/realdata is ($DBFIXTURE_REALDATA overrides). It is not part of the
// repository, so a test must pass over what is absent, and say so.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/places_test.h"

namespace dbfixture {

// The path of `name` in realdata; empty, after a printed line, if it is not there.
inline std::filesystem::path find_realdata(const std::string& name) {
    const char* given = std::getenv("DBFIXTURE_REALDATA");
    const std::filesystem::path root = given != nullptr ? given : (source_folder() / "../shared/realdata");
    if (std::filesystem::exists(root / name)) return root / name;
    WARN("SKIPPED: " << (root / name).string() << " is not there");
    return {};
}

inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace dbfixture
