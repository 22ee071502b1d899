// SPDX-License-Identifier: MIT
#include "db/sqlite/wal_append.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/restore_image.h"

using namespace dbfixture;
using namespace dbfixture::sqlite;

namespace {

namespace fs = std::filesystem;

using Folder = TestFolder;

// An application's connection, with whatever it has cached.
class Application {
  public:
    explicit Application(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application() { sqlite3_close(db_); }

    // The rows, one a line, or what is wrong.
    std::string run(const std::string& text) {
        std::string out;
        const auto row = [](void* to, int count, char** values, char**) {
            for (int i = 0; i < count; ++i)
                static_cast<std::string*>(to)->append(values[i] == nullptr ? "NULL" : values[i]).append("|");
            static_cast<std::string*>(to)->append("\n");
            return 0;
        };
        char* problem = nullptr;
        if (sqlite3_exec(db_, text.c_str(), row, &out, &problem) != SQLITE_OK) out += problem;
        sqlite3_free(problem);
        return out;
    }

    // Of the index beside the log.
    std::optional<std::uint32_t> change_number() {
        sqlite3_file* file = nullptr;
        REQUIRE(sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK);
        return wal_change_number(file);
    }

  private:
    sqlite3* db_ = nullptr;
};

constexpr auto kLook =
    "SELECT count(*), sum(id), sum(length(x)), max(x), min(x) FROM t; SELECT type, name, sql FROM sqlite_master;"
    "PRAGMA user_version; PRAGMA page_count; PRAGMA integrity_check";

std::string make(Application& db, int page_size, int rows) {
    db.run("PRAGMA page_size = " + std::to_string(page_size) + "; PRAGMA journal_mode = WAL");
    return db.run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE INDEX i ON t (x);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(rows) + ") INSERT INTO t SELECT i, hex(randomblob(150)) FROM n");
}

}  // namespace

TEST_CASE("a restore beside connections is one transaction in the WAL, for any number of pages", "[image][slow]") {
    // 512-byte pages: as many as fill several regions of the index.
    for (const auto& [page_size, rows] : {std::pair{512, 9000}, {4096, 3000}, {65536, 3000}}) {
        INFO(page_size);
        const Folder folder;
        const std::string path = folder / "x.db";
        Application application(path);
        REQUIRE(make(application, page_size, rows).empty());
        const std::string wanted = application.run(kLook);
        const SavedState image = write_image_file(path, folder / "image.db", 0).state;

        application.run(
            "UPDATE t SET x = hex(randomblob(150)); PRAGMA user_version = 5; PRAGMA wal_checkpoint(TRUNCATE)");
        const std::string changed = application.run(kLook);
        Application reader(path);  // keeps the log from being moved into the file, so that the index is put to use
        CHECK(reader.run(std::string("BEGIN; ") + kLook) == changed);

        const StateRestoreReport report = restore_image_file(path, image, "", 0);
        CHECK(report.way == RestoreWay::kDifferent);
        CHECK(report.written > image.bytes / static_cast<std::uint64_t>(page_size) / 2);
        CHECK(application.run(kLook) == wanted);
        CHECK(reader.run(kLook) == changed);
        CHECK(fs::file_size(path + "-wal") > image.bytes / 2);

        CHECK(application.run("DELETE FROM t WHERE id % 3 = 0; CREATE TABLE more (y)").empty());  // follows our frames
        const std::string later = application.run(kLook);
        fs::copy(path, folder / "crashed.db");  // no index: it is made from the log
        fs::copy(path + "-wal", folder / "crashed.db-wal");
        CHECK(Application(folder / "crashed.db").run(kLook) == later);

        reader.run("COMMIT");
        CHECK(reader.run(kLook) == later);
        CHECK(restore_image_file(path, image, "", 0).way != RestoreWay::kUnchanged);
        CHECK(reader.run(kLook) == wanted);
        CHECK(fs::file_size(path + "-wal") == 0);
        CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kUnchanged);
    }
}

TEST_CASE("a restore beside connections shrinks and grows the database", "[image]") {
    for (const char* change : {"DELETE FROM t WHERE id > 10; VACUUM", "INSERT INTO t (x) SELECT hex(x) FROM t",
                               "DROP TABLE t; CREATE TABLE t (x, id); INSERT INTO t VALUES (1, 2)", "DELETE FROM t",
                               "PRAGMA schema_version = 900; UPDATE t SET x = 1"}) {
        INFO(change);
        const Folder folder;
        const std::string path = folder / "x.db";
        Application application(path), other(path);
        make(application, 1024, 2000);
        const std::string wanted = application.run(kLook);
        CHECK(other.run(kLook) == wanted);
        const SavedState image = write_image_file(path, folder / "image.db", 0).state;
        application.run(change);
        CHECK(other.run(kLook) != wanted);
        CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kDifferent);
        CHECK(other.run(kLook) == wanted);
        CHECK(application.run(kLook) == wanted);
        CHECK(application.run("INSERT INTO t (x) VALUES ('new'); SELECT max(id) FROM t") == "2001|\n");
        CHECK(other.run("SELECT count(*) FROM t; PRAGMA integrity_check") == "2001|\nok|\n");
    }
}

TEST_CASE("pages that share a slot of the log's index are all found", "[image]") {
    const Folder folder;
    const std::string path = folder / "x.db";
    Application application(path), reader(path);
    application.run("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
    application.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        "INSERT INTO t SELECT i, hex(randomblob(200)) FROM n; PRAGMA wal_checkpoint(TRUNCATE)");
    const std::string wanted = application.run(kLook);
    const SavedState image = write_image_file(path, folder / "image.db", 0).state;
    application.run("UPDATE t SET x = 'changed' WHERE id % 8 = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(reader.run(std::string("BEGIN; ") + kLook) != wanted);  // keeps the log from being moved into the file
    CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kDifferent);
    CHECK(application.run(kLook) == wanted);
}

TEST_CASE("a restore by the log counts as a change, as those of applications do", "[image]") {
    const Folder folder;
    const std::string path = folder / "x.db";
    Application application(path), reader(path);
    make(application, 4096, 500);
    const SavedState image = write_image_file(path, folder / "image.db", 0).state;
    application.run("UPDATE t SET x = 1; PRAGMA wal_checkpoint(TRUNCATE)");
    reader.run("BEGIN; SELECT count(*) FROM t");
    const auto before = reader.change_number();
    REQUIRE(before);
    CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kDifferent);
    CHECK(reader.change_number() == *before + 1);
}

TEST_CASE("a restore that cannot write to the log to its end leaves nothing in it", "[image]") {
    const Folder folder;
    const std::string path = folder / "x.db";
    Application application(path), reader(path);
    make(application, 4096, 3000);
    const SavedState image = write_image_file(path, folder / "image.db", 0).state;
    application.run("UPDATE t SET x = hex(randomblob(150)); PRAGMA wal_checkpoint(TRUNCATE)");
    const std::string changed = reader.run(std::string("BEGIN; ") + kLook);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100000, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    bool failed = false;
    try {
        restore_image_file(path, image, "", 0);
    } catch (const Error&) {
        failed = true;
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(failed);
    CHECK(fs::file_size(path + "-wal") == 0);
    CHECK(application.run(kLook) == changed);
}

TEST_CASE("a restore that finds a writer or a log that must stay writes the whole database", "[image]") {
    const Folder folder;
    const std::string path = folder / "x.db";
    Application application(path), reader(path);
    make(application, 4096, 500);
    const std::string wanted = application.run(kLook);
    const SavedState image = write_image_file(path, folder / "image.db", 0).state;
    application.run("UPDATE t SET x = 1 WHERE id = 1");
    const std::string changed = reader.run(std::string("BEGIN; ") + kLook);  // reads from the log
    CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kWhole);
    CHECK(application.run(kLook) == wanted);
    CHECK(reader.run(kLook) == changed);
    reader.run("COMMIT");
    CHECK(reader.run(kLook) == wanted);
}

TEST_CASE("a restore appends to a log that nobody has written to yet", "[image]") {
    const Folder folder;
    const std::string path = folder / "x.db";
    SavedState image;
    std::string wanted;
    {
        Application maker(path);
        make(maker, 4096, 500);
        wanted = maker.run(kLook);
        image = write_image_file(path, folder / "image.db", 0).state;
        maker.run("UPDATE t SET x = 1 WHERE id = 1");
    }
    Application application(path);  // makes a new log and a new index
    CHECK(application.run(kLook) != wanted);
    CHECK(restore_image_file(path, image, "", 0).way == RestoreWay::kDifferent);
    CHECK(application.run(kLook) == wanted);
}
