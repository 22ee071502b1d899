// SPDX-License-Identifier: MIT
#include "db/sqlite/image_tree.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "base/cat.h"
#include "base/error.h"
#include "db/sqlite/test_database_test.h"

using namespace dbfixture;
using namespace dbfixture::sqlite;

namespace {

int mappings_of(const std::string& path) {
    std::ifstream maps("/proc/self/maps");
    int count = 0;
    for (std::string line; std::getline(maps, line);)
        count += line.ends_with(path) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a file that is no database is not kept in memory after it was refused", "[image_tree]") {
    const TestDatabase database;
    for (const std::size_t size : {0, 50, 100, 5000}) {
        const std::string path = cat(database.folder(), "/", size);
        std::ofstream(path) << std::string(size, 'x');
        const PosixFile file(path, O_RDONLY);
        CHECK_THROWS_AS(ImageTrees(file), Error);
        CHECK(mappings_of(path) == 0);
    }
}
