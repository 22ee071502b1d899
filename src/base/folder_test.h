// SPDX-License-Identifier: MIT
// For tests: an empty folder of their own, removed with all that is in it.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/cat.h"

namespace dbfixture {

class TestFolder {
  public:
    TestFolder() : path_((std::filesystem::temp_directory_path() / "dbfixture-test-XXXXXX").string()) {
        REQUIRE(::mkdtemp(path_.data()) != nullptr);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return cat(path_, "/", name); }

  private:
    std::string path_;
};

}  // namespace dbfixture
