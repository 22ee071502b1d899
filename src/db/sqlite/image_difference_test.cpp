// SPDX-License-Identifier: MIT
#include "db/sqlite/image_difference.h"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/sqlite/image_source.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/restore_image.h"

using namespace dbfixture;
using namespace dbfixture::sqlite;

namespace {

namespace fs = std::filesystem;

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Database open(const std::string& path) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 1000);
    return {db, &sqlite3_close};
}

std::string run(sqlite3* db, const std::string& text) {
    std::string out;
    const auto row = [](void* to, int count, char** values, char**) {
        for (int i = 0; i < count; ++i)
            *static_cast<std::string*>(to) += std::string(values[i] == nullptr ? "NULL" : values[i]) + "|";
        return 0;
    };
    char* problem = nullptr;
    if (sqlite3_exec(db, text.c_str(), row, &out, &problem) != SQLITE_OK) out += problem;
    sqlite3_free(problem);
    return out;
}

std::string file_bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string bytes_of(const ImageSource& source) {
    std::string out(source.size() + 10, 'x');
    out.resize(source.read_at(out.data(), out.size(), 0));
    return out;
}

// In pieces that begin and end anywhere.
std::string pieces_of(const ImageSource& source, std::mt19937& random) {
    std::string out;
    for (;;) {
        std::string piece(1 + random() % 20000, 'x');
        piece.resize(source.read_at(piece.data(), piece.size(), out.size()));
        if (piece.empty()) return out;
        out += piece;
    }
}

constexpr auto kMake =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, x); CREATE INDEX i ON t (x);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    "INSERT INTO t SELECT i, hex(zeroblob(i % 60)) || i FROM n";
constexpr auto kLook =
    "SELECT count(*), sum(id), group_concat(x) FROM t; SELECT type, name, sql FROM sqlite_master;"
    "PRAGMA user_version; PRAGMA integrity_check";

const std::vector<std::string>& changes() {
    static const std::vector<std::string> all = {
        "UPDATE t SET x = 'one' || random() WHERE id = (SELECT max(id) FROM t)",
        "UPDATE t SET x = x || 'a' WHERE id % 50 = 0",
        "DELETE FROM t WHERE id % 3 = 1; VACUUM",
        "DELETE FROM t WHERE id > 30; VACUUM",
        "INSERT INTO t(x) SELECT hex(randomblob(100)) FROM t LIMIT 1500",
        "INSERT INTO t(x) VALUES (zeroblob(300000))",
        "INSERT INTO t(x) VALUES (hex(randomblob(30000)))",
        "PRAGMA user_version = 7",
        "CREATE TABLE IF NOT EXISTS more (y); INSERT INTO more VALUES (1)",
        "DROP TABLE IF EXISTS more",
        "",
    };
    return all;
}

struct State {
    SavedState image;
    std::string stamp, bytes, look;
};

State write_state(const std::string& path, const std::vector<State>& below, const TestFolder& folder, sqlite3* db) {
    const std::string name = (folder / std::to_string(below.size()));
    const StateSaveReport written = below.empty()
                                        ? write_image_file(path, name, 100)
                                        : write_difference(path, below.back().image, below.back().stamp, name, 100);
    const StateSaveReport whole = write_image_file(path, (folder / "whole"), 100);
    State state{written.state, written.stamp, file_bytes((folder / "whole")), run(db, kLook)};
    CHECK(written.state.checksum == whole.state.checksum);
    CHECK(written.state.bytes == whole.state.bytes);
    fs::remove((folder / "whole"));
    return state;
}

}  // namespace

TEST_CASE("a chain of differences holds every state, byte for byte, and each can be restored", "[image]") {
    const auto seed = GENERATE(take(2, random(1, 1'000'000)));
    const std::string mode = GENERATE("delete", "wal");
    const std::string page_size = GENERATE("512", "4096");
    CAPTURE(seed, mode, page_size);
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    const TestFolder folder;
    const std::string path = (folder / "a.db");
    const Database db = open(path);
    run(db.get(), "PRAGMA page_size = " + page_size + "; PRAGMA journal_mode = " + mode);
    REQUIRE(run(db.get(), kMake).empty());
    std::vector<State> states;
    for (int i = 0; i < 9; ++i) {
        states.push_back(write_state(path, states, folder, db.get()));
        run(db.get(), changes()[random() % changes().size()]);
    }
    for (const State& state : states) {
        const ImageSource source(state.image);
        CHECK(bytes_of(source) == state.bytes);
        CHECK(pieces_of(source, random) == state.bytes);
        verify_image_file(state.image);
    }
    for (int i = 0; i < 9; ++i) {
        const State& state = states[random() % states.size()];
        if (random() % 2 == 0) run(db.get(), changes()[random() % changes().size()]);
        restore_image_file(path, state.image, random() % 2 == 0 ? state.stamp : "", 1000);
        CHECK(run(db.get(), kLook) == state.look);
    }
}

TEST_CASE(
    "a state that is known to be the one below takes one block, and one that has nothing in common is a file of its "
    "own",
    "[image]") {
    const TestFolder folder;
    const std::string path = (folder / "a.db");
    const Database db = open(path);
    REQUIRE(run(db.get(), kMake).empty());
    const StateSaveReport base = write_image_file(path, (folder / "base"), 100);
    const StateSaveReport same = write_difference(path, base.state, base.stamp, (folder / "same"), 100);
    CHECK(same.state.over == std::vector{(folder / "same")});
    CHECK(fs::file_size((folder / "same")) == 4096);
    CHECK(bytes_of(ImageSource(same.state)) == file_bytes((folder / "base")));

    run(db.get(),
        "DELETE FROM t; INSERT INTO t(x) SELECT hex(randomblob(2000)) FROM (SELECT 1 UNION SELECT 2), "
        "sqlite_master a, sqlite_master b, sqlite_master c; VACUUM");
    const StateSaveReport other = write_difference(path, same.state, same.stamp, (folder / "other"), 100);
    CHECK(other.state.place == (folder / "other"));
    CHECK(other.state.over.empty());
    const StateSaveReport next = write_difference(path, other.state, other.stamp, (folder / "next"), 100);
    CHECK(next.state.place == (folder / "other"));
}

TEST_CASE("a difference that is damaged, cut short or gone is refused, and the database stays as it is", "[image]") {
    const TestFolder folder;
    const std::string path = (folder / "a.db");
    const Database db = open(path);
    REQUIRE(run(db.get(), kMake).empty());
    const StateSaveReport base = write_image_file(path, (folder / "base"), 100);
    run(db.get(), "UPDATE t SET x = 'one' WHERE id = 1000");
    const StateSaveReport layer = write_difference(path, base.state, "", (folder / "layer"), 100);
    run(db.get(), "UPDATE t SET x = 'two' WHERE id = 1000");
    const std::string before = run(db.get(), kLook);
    const std::string whole = file_bytes((folder / "layer"));
    const auto refused = [&] {
        try {
            restore_image_file(path, layer.state, "", 100);
        } catch (const Error& error) {
            CHECK(run(db.get(), kLook) == before);
            return error.kind;
        }
        FAIL("restored");
        return ErrorKind::kFailure;
    };
    for (const std::size_t at :
         {std::size_t{3}, std::size_t{17}, std::size_t{25}, std::size_t{5000}, whole.size() - 1}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        std::ofstream((folder / "layer"), std::ios::binary | std::ios::trunc) << damaged;
        CAPTURE(at);
        CHECK(refused() == ErrorKind::kInput);
    }
    std::ofstream((folder / "layer"), std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - 5);
    CHECK(refused() == ErrorKind::kInput);
    fs::remove((folder / "layer"));
    CHECK(refused() == ErrorKind::kNotFound);
    std::ofstream((folder / "layer"), std::ios::binary) << whole;
    restore_image_file(path, layer.state, "", 100);
    CHECK(run(db.get(), "SELECT x FROM t WHERE id = 1000") == "one|");
}

TEST_CASE("what is damaged below a difference is part of the difference, and only what lies below is refused",
          "[image]") {
    const TestFolder folder;
    const std::string path = (folder / "a.db");
    const Database db = open(path);
    REQUIRE(run(db.get(), kMake).empty());
    const StateSaveReport base = write_image_file(path, (folder / "base"), 100);
    std::string damaged = file_bytes((folder / "base"));
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    std::ofstream((folder / "base"), std::ios::binary | std::ios::trunc) << damaged;
    run(db.get(), "UPDATE t SET x = 'one' WHERE id = 1000");
    const std::string look = run(db.get(), kLook);
    const StateSaveReport layer = write_difference(path, base.state, "", (folder / "layer"), 100);
    run(db.get(), "UPDATE t SET x = 'two' WHERE id > 500");
    restore_image_file(path, layer.state, "", 100);
    CHECK(run(db.get(), kLook) == look);
    try {
        restore_image_file(path, base.state, "", 100);
        FAIL("restored");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::kInput);
    }
    CHECK(run(db.get(), kLook) == look);
}
