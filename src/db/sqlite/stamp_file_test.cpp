// SPDX-License-Identifier: MIT
#include "db/sqlite/stamp_file.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "base/folder_test.h"
#include "base/posix_file.h"

#include <fcntl.h>

namespace dbfixture::sqlite {
namespace {

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace

TEST_CASE("a settled stamp is that of no later content, however soon it comes", "[image]") {
    const TestFolder folder;
    const std::string path = folder.path() + "/x.db";
    PosixFile file(path, O_RDWR | O_CREAT, 0600);
    file.write_at("content 0", 0);
    if (settled_stamp(path, path + "-wal").empty()) {
        WARN("SKIPPED: this file system keeps no time that a stamp could be made of");
        return;
    }
    for (int i = 1; i <= 100; ++i) {
        INFO(i);
        file.write_at(i % 2 == 0 ? "content 0" : "content 1", 0);
        const std::string stamp = settled_stamp(path, path + "-wal");
        file.write_at(i % 2 == 0 ? "content 2" : "content 3", 0);
        REQUIRE(stamp_now(path, path + "-wal") != stamp);
    }
}

TEST_CASE("a stamp of what was just written is that of no later content, however soon it comes", "[image]") {
    const TestFolder folder;
    const std::string path = folder.path() + "/x.db";
    const PosixFile file(path, O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < 300; ++i) {
        INFO(i);
        file.write_at(i % 2 == 0 ? "content 0" : "content 1", 0);
        const std::string stamp = stamp_of_written(path, path + "-wal");
        if (stamp.empty()) {
            WARN("SKIPPED: this file system keeps no time that a stamp could be made of");
            return;
        }
        CHECK(stamp_now(path, path + "-wal") == stamp);
        file.write_at(i % 2 == 0 ? "content 2" : "content 3", 0);
        REQUIRE(stamp_now(path, path + "-wal") != stamp);
    }
}

TEST_CASE("a stamp is of this start of the machine", "[image]") {
    const TestFolder folder;
    const std::string path = folder.path() + "/x.db";
    PosixFile(path, O_RDWR | O_CREAT, 0600).write_at("content", 0);
    const std::string stamp = stamp_now(path, path + "-wal");
    if (stamp.empty()) {
        WARN("SKIPPED: this file system keeps no time that a stamp could be made of");
        return;
    }
    REQUIRE_FALSE(boot_id().empty());
    CHECK(stamp.starts_with(boot_id() + " "));
}

}  // namespace dbfixture::sqlite
