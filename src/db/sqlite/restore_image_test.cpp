// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_image.h"

#include <sqlite3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/sqlite/image_write.h"

using namespace dbfixture;
using namespace dbfixture::sqlite;

namespace {

namespace fs = std::filesystem;

using Folder = TestFolder;

// Runs SQL and returns the rows, one a line.
std::string sql(const std::string& path, const std::string& text) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    std::string out;
    const auto row = [](void* to, int count, char** values, char**) {
        for (int i = 0; i < count; ++i) {
            if (i > 0) *static_cast<std::string*>(to) += "|";
            *static_cast<std::string*>(to) += values[i] == nullptr ? "NULL" : values[i];
        }
        *static_cast<std::string*>(to) += "\n";
        return 0;
    };
    char* problem = nullptr;
    const int code = sqlite3_exec(db, text.c_str(), row, &out, &problem);
    if (code != SQLITE_OK) out += problem;
    sqlite3_free(problem);
    sqlite3_close(db);
    return out;
}

constexpr auto kMake =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE INDEX i ON t (x);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    "INSERT INTO t SELECT i, hex(randomblob(40)) FROM n";
constexpr auto kLook =
    "SELECT count(*), sum(id), group_concat(x) FROM t; SELECT type, name, sql FROM sqlite_master;"
    "PRAGMA user_version; PRAGMA application_id; PRAGMA auto_vacuum; PRAGMA integrity_check";

}  // namespace

TEST_CASE("a restore undoes whatever happened to the file, in any journal mode and page size", "[image]") {
    const std::string changes[] = {
        "UPDATE t SET x = 'changed' WHERE id % 100 = 0",
        "DELETE FROM t WHERE id > 10; VACUUM",
        "INSERT INTO t(x) SELECT hex(randomblob(200)) FROM t; CREATE TABLE more (y); INSERT INTO more VALUES (1)",
        "DROP TABLE t; CREATE TABLE t (x, id); PRAGMA user_version = 7; PRAGMA application_id = 8",
        "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM",
        "PRAGMA journal_mode = DELETE; PRAGMA page_size = 65536; VACUUM",
        "PRAGMA auto_vacuum = FULL; VACUUM; DELETE FROM t WHERE id % 2",
        "PRAGMA journal_mode = WAL; DELETE FROM t",
        "DROP TABLE t; VACUUM",
    };
    for (const std::string mode : {"DELETE", "WAL"}) {
        for (const std::string& change : changes) {
            INFO(mode << ": " << change);
            const Folder folder;
            const std::string db = folder / "x.db";
            sql(db, "PRAGMA journal_mode = " + mode + ";" + kMake);
            const std::string before = sql(db, kLook);
            const SavedState image = write_image_file(db, folder / "image.db", 0).state;
            CHECK(sql(image.place, kLook) == before);
            sql(db, change);
            const std::string changed_mode = sql(db, "PRAGMA journal_mode");
            CHECK(restore_image_file(db, image, "", 0).way == RestoreWay::kDifferent);
            CHECK(sql(db, kLook) == before);
            CHECK(sql(db, "PRAGMA journal_mode") == changed_mode);
            CHECK(restore_image_file(db, image, "", 0).way == RestoreWay::kUnchanged);
            CHECK_FALSE(fs::exists(db + "-journal"));
        }
    }
}

TEST_CASE("an image of an empty database, a restore into one, and into none", "[image]") {
    const Folder folder;
    std::ofstream(folder / "empty.db").flush();
    const SavedState empty = write_image_file(folder / "empty.db", folder / "empty-image.db", 0).state;
    sql(folder / "x.db", kMake);
    const std::string before = sql(folder / "x.db", kLook);
    const SavedState image = write_image_file(folder / "x.db", folder / "image.db", 0).state;
    CHECK(restore_image_file(folder / "empty.db", image, "", 0).way == RestoreWay::kWhole);
    CHECK(sql(folder / "empty.db", kLook) == before);
    CHECK(restore_image_file(folder / "none.db", image, "", 0).way == RestoreWay::kWhole);
    CHECK(sql(folder / "none.db", kLook) == before);
    CHECK(restore_image_file(folder / "x.db", empty, "", 0).way == RestoreWay::kDifferent);
    CHECK(sql(folder / "x.db", "SELECT count(*) FROM sqlite_master; PRAGMA integrity_check") == "0\nok\n");
}

TEST_CASE("a flipped bit anywhere in an image is found before the database changes", "[image]") {
    const Folder folder;
    const std::string db = folder / "x.db";
    sql(db, kMake);
    const SavedState image = write_image_file(db, folder / "image.db", 0).state;
    sql(db, "DELETE FROM t WHERE id > 5");
    const std::string before = sql(db, kLook);
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{20}, std::uint64_t{30}, std::uint64_t{5000},
                                   image.bytes / 2, image.bytes - 1}) {
        std::fstream file(image.place, std::ios::in | std::ios::out | std::ios::binary);
        const auto flip = [&] {
            file.seekg(static_cast<std::streamoff>(at));
            const auto byte = static_cast<char>(file.get() ^ 4);
            file.seekp(static_cast<std::streamoff>(at));
            file.put(byte);
            file.flush();
        };
        flip();
        try {
            restore_image_file(db, image, "", 0);
            FAIL_CHECK("byte " << at << " was not found");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::kInput);
        }
        CHECK(sql(db, kLook) == before);
        const std::string none = folder / "none.db";
        CHECK_THROWS_AS(restore_image_file(none, image, "", 0), Error);
        CHECK_FALSE(fs::exists(none));
        flip();
    }
    fs::resize_file(image.place, image.bytes - 4096);
    CHECK_THROWS_AS(restore_image_file(db, image, "", 0), Error);
    CHECK(sql(db, kLook) == before);
}

TEST_CASE("the schema cookie rises above both when the schema differs, and the change counter always", "[image]") {
    const Folder folder;
    const std::string db = folder / "x.db";
    sql(db, std::string(kMake) + "; PRAGMA schema_version = 40");
    const SavedState image = write_image_file(db, folder / "image.db", 0).state;
    const auto counter = [&] {
        std::ifstream file(db, std::ios::binary);
        file.seekg(24);
        unsigned value = 0;
        for (int i = 0; i < 4; ++i)
            value = value << 8 | static_cast<unsigned>(file.get());
        return value;
    };
    sql(db, "DELETE FROM t");
    unsigned before = counter();
    restore_image_file(db, image, "", 0);
    CHECK(sql(db, "PRAGMA schema_version") == "40\n");
    CHECK(counter() > before);
    sql(db, "CREATE TABLE u (y)");
    restore_image_file(db, image, "", 0);
    CHECK(sql(db, "PRAGMA schema_version") == "42\n");
    sql(db, "CREATE TABLE u (y); PRAGMA schema_version = 40");  // the same number, another schema
    before = counter();
    restore_image_file(db, image, "", 0);
    CHECK(sql(db, "PRAGMA schema_version") == "41\n");
    CHECK(counter() > before);
}
