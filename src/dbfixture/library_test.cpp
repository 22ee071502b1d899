// SPDX-License-Identifier: MIT
// The library through its header alone. installed_test.cpp has it as others get it.
#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "base/folder_test.h"
#include "db/postgres/test_server_test.h"
#include "dbfixture/dbfixture.h"

using namespace dbfixture;

namespace {

constexpr auto kSchema =
    "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED);";
constexpr auto kBoth =
    R"([{"model": "children", "pk": 5, "fields": {"parent": 1}}, {"model": "parents", "pk": 1, "fields": {"name": "Ann"}}])";
constexpr auto kDumped =
    "[\n{\"model\": \"parents\", \"pk\": 1, \"fields\": {\"name\": \"Ann\"}},\n"
    "{\"model\": \"children\", \"pk\": 5, \"fields\": {\"parent\": 1}}\n]\n";

// A connection as an application has it.
class Raw {
  public:
    explicit Raw(const std::string& path = ":memory:", const std::string& sql = "") {
        REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
        run(sql);
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    ~Raw() { CHECK(sqlite3_close(handle) == SQLITE_OK); }  // nothing of ours is left in it

    void run(const std::string& sql) const {
        char* problem = nullptr;
        const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &problem);
        INFO(sql << ": " << (problem == nullptr ? "" : problem));
        sqlite3_free(problem);
        REQUIRE(code == SQLITE_OK);
    }
    // The rows of one column, each before a space.
    std::string get(const std::string& sql) const {
        std::string out;
        const auto add = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) += std::string(values[0] == nullptr ? "NULL" : values[0]) + " ";
            return 0;
        };
        REQUIRE(sqlite3_exec(handle, sql.c_str(), add, &out, nullptr) == SQLITE_OK);
        return out;
    }
    bool attempt(const std::string& sql) const {
        return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    }

    sqlite3* handle = nullptr;
};

template <typename Work>
Failure::Facts failure_of_call(const Work& work) {
    try {
        work();
    } catch (const Failure& failure) {
        return failure.facts();
    }
    FAIL("nothing was thrown");
    return {};
}

// Whether another process may write to the database.
bool others_can_write(const std::string& path) {
    return std::system(("sqlite3 '" + path + "' 'BEGIN IMMEDIATE; ROLLBACK' 2>/dev/null").c_str()) == 0;
}

}  // namespace

TEST_CASE("a fixture is loaded into a database in memory, and dumped, and emptied", "[library]") {
    const Raw raw(":memory:", kSchema);
    SqliteDatabase database(raw.handle);
    const LoadResult loaded = database.load_text(kBoth);
    CHECK(loaded.records == 2);
    CHECK(loaded.inserted == 2);
    CHECK(database.dump_text() == kDumped);
    CHECK(database.load_text(kBoth).unchanged == 2);
    CHECK(database.flush() == 2);
    CHECK(database.dump_text() == "[]\n");
}

TEST_CASE("every format goes through the library", "[library]") {
    const Raw raw(":memory:", kSchema);
    SqliteDatabase database(raw.handle);
    database.load_text(kBoth);
    for (const char* format : {"json", "jsonl", "yaml", "xml"}) {
        INFO(format);
        DumpSettings settings;
        settings.format = format;
        DumpResult result;
        const std::string text = database.dump_text(settings, &result);
        CHECK(result.records == 2);
        database.flush();
        database.load_text(text, format);
        CHECK(database.dump_text() == kDumped);
    }
    CHECK(failure_of_call([&] { database.load_text("", "csv"); }).kind == FailureKind::kUsage);
}

TEST_CASE("a load in a transaction of the caller's own is a part of it", "[library]") {
    const Raw raw(":memory:", kSchema);
    SqliteDatabase database(raw.handle);
    raw.run("BEGIN; INSERT INTO parents VALUES (7, 'Mine')");
    database.load_text(kBoth);
    CHECK(sqlite3_get_autocommit(raw.handle) == 0);
    CHECK(raw.get("SELECT name FROM parents ORDER BY id") == "Ann Mine ");
    SECTION("rolled back with it") {
        raw.run("ROLLBACK");
        CHECK(raw.get("SELECT name FROM parents") == "");
    }
    SECTION("committed with it") {
        raw.run("COMMIT");
        CHECK(raw.get("SELECT name FROM parents ORDER BY id") == "Ann Mine ");
    }
    SECTION("a load that fails takes nothing but its own back") {
        const auto facts = failure_of_call([&] {
            database.load_text(R"([{"model": "parents", "pk": 2, "fields": {"name": "Bo"}},
                                   {"model": "children", "pk": 6, "fields": {"parent": 99}}])");
        });
        CHECK(facts.kind == FailureKind::kInput);
        CHECK(sqlite3_get_autocommit(raw.handle) == 0);
        CHECK(raw.get("SELECT name FROM parents ORDER BY id") == "Ann Mine ");
        raw.run("COMMIT");
    }
    SECTION("so are a flush and a dump") {
        CHECK(database.flush({"children"}) == 1);
        DumpSettings parents;
        parents.labels = {"parents"};
        CHECK(database.dump_text(parents).find("Mine") != std::string::npos);
        raw.run("ROLLBACK");
        CHECK(raw.get("SELECT count(*) FROM children") == "0 ");
    }
}

TEST_CASE("a transaction whose deferred foreign keys wait for rows is not written to", "[library]") {
    const Raw raw(":memory:", kSchema);
    raw.run("PRAGMA foreign_keys = ON; BEGIN; INSERT INTO children VALUES (5, 1)");
    SqliteDatabase database(raw.handle);
    CHECK(failure_of_call([&] { database.load_text(kBoth); }).kind == FailureKind::kRefused);
    CHECK(raw.get("SELECT id FROM children") == "5 ");
    raw.run("INSERT INTO parents VALUES (1, 'Ann'); COMMIT");
}

TEST_CASE("everything that the caller has set on a connection stays", "[library]") {
    const bool enforced = GENERATE(false, true);
    const Raw raw(":memory:", std::string(kSchema) +
                                  "CREATE TABLE notes (text); CREATE TRIGGER noted AFTER INSERT ON parents BEGIN "
                                  "INSERT INTO notes VALUES (new.name); END; PRAGMA cache_size = -77;" +
                                  (enforced ? "PRAGMA foreign_keys = ON;" : ""));
    raw.run("INSERT INTO notes(rowid, text) VALUES (41, 'x')");
    int asked = 0;
    const auto authorize = [](void* count, int, const char*, const char*, const char*, const char*) {
        ++*static_cast<int*>(count);
        return SQLITE_OK;
    };
    sqlite3_set_authorizer(raw.handle, authorize, &asked);
    SqliteDatabase database(raw.handle);

    const LoadResult loaded = database.load_text(kBoth);
    CHECK(loaded.warnings ==
          std::vector<std::string>{"triggers of table \"parents\" did not fire; they write \"notes\", of which this "
                                   "load has no record (--triggers lets them fire)"});
    CHECK_THROWS_AS(database.load_text("[{}]"), Failure);
    CHECK(sqlite3_last_insert_rowid(raw.handle) == 41);
    asked = 0;
    CHECK(raw.get("SELECT text FROM notes") == "x ");
    CHECK(asked > 0);
    CHECK(raw.get("PRAGMA foreign_keys") == (enforced ? "1 " : "0 "));
    CHECK(raw.get("PRAGMA cache_size") == "-77 ");
    CHECK(raw.get("SELECT name FROM temp.sqlite_master") == "");
    raw.run("INSERT INTO parents VALUES (2, 'Bo')");
    CHECK(raw.get("SELECT text FROM notes") == "x Bo ");
    CHECK(raw.attempt("BEGIN; INSERT INTO children VALUES (9, 99); COMMIT") == !enforced);
}

TEST_CASE("many rows go into indexed tables while the caller reads", "[library]") {
    const Raw raw(":memory:",
                  "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); CREATE INDEX by_n ON t (n);"
                  "CREATE TABLE other (n INTEGER); INSERT INTO other VALUES (0), (1)");
    std::ostringstream fixture;
    for (int i = 1; i <= 12'000; ++i)
        fixture << "{\"model\": \"t\", \"pk\": " << i << ", \"fields\": {\"n\": " << i % 7 << "}}\n";
    const std::string version = raw.get("PRAGMA schema_version");
    sqlite3_stmt* reading = nullptr;
    REQUIRE(sqlite3_prepare_v2(raw.handle, "SELECT n FROM other", -1, &reading, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(reading) == SQLITE_ROW);
    CHECK(SqliteDatabase(raw.handle).load_text(fixture.str(), "jsonl").inserted == 12'000);
    sqlite3_finalize(reading);
    CHECK(raw.get("SELECT count(*) FROM t INDEXED BY by_n WHERE n = 3") == "1714 ");
    CHECK(raw.get("PRAGMA schema_version") == version);
    CHECK(raw.get("PRAGMA integrity_check") == "ok ");
}

TEST_CASE("values that are swapped need the caller's statements to be at their end", "[library]") {
    const Raw raw(":memory:",
                  "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE); INSERT INTO t VALUES (1, 10), (2, 20)");
    SqliteDatabase database(raw.handle);
    const std::string swapped =
        R"([{"model": "t", "pk": 1, "fields": {"n": 20}}, {"model": "t", "pk": 2, "fields": {"n": 10}}])";
    sqlite3_stmt* reading = nullptr;
    REQUIRE(sqlite3_prepare_v2(raw.handle, "SELECT n FROM t", -1, &reading, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(reading) == SQLITE_ROW);
    const auto facts = failure_of_call([&] { database.load_text(swapped); });
    CHECK(facts.kind == FailureKind::kBusy);
    CHECK(facts.message == "a statement of this connection is not at its end");
    sqlite3_finalize(reading);
    CHECK(raw.get("SELECT n FROM t ORDER BY id") == "10 20 ");
    CHECK(database.load_text(swapped).updated == 2);
    CHECK(raw.get("SELECT n FROM t ORDER BY id") == "20 10 ");
}

TEST_CASE("a database in memory is given by its connection", "[library]") {
    const auto facts = failure_of_call([] { Database(":memory:"); });
    CHECK(facts.kind == FailureKind::kUsage);
    CHECK(facts.message == "a database in memory is gone when its connection ends");
}

TEST_CASE("a failure carries the facts", "[library]") {
    const TestFolder temp;
    std::ofstream(temp / "wrong.yaml")
        << "- model: parents\n  pk: 1\n  fields: {name: Ann}\n- model: parents\n  pk: 2\n"
           "  fields: {nmae: Bo}\n";
    const Raw raw(":memory:", kSchema);
    try {
        SqliteDatabase(raw.handle).load({temp / "wrong.yaml"});
        FAIL("it was loaded");
    } catch (const Failure& failure) {
        const Failure::Facts& facts = failure.facts();
        CHECK(facts.kind == FailureKind::kInput);
        CHECK(facts.message == "column \"nmae\" does not exist");
        CHECK(facts.file == temp / "wrong.yaml");
        CHECK(facts.line == 6);
        CHECK(facts.record == 2);
        CHECK(facts.table == "parents");
        CHECK(facts.key == "pk=2");
        CHECK(facts.column == "nmae");
        CHECK(facts.hint == "did you mean \"name\"?");
        CHECK(std::string(failure.what()).starts_with(temp / "wrong.yaml:6: record 2 (parents pk=2): column"));
    }
    CHECK(raw.get("SELECT count(*) FROM parents") == "0 ");
    CHECK(failure_of_call([] { SqliteDatabase(nullptr); }).kind == FailureKind::kUsage);
    CHECK(failure_of_call([&] { Database(temp / "gone.db").dump_text(); }).kind == FailureKind::kNotFound);
}

TEST_CASE("a database is saved and put back by its path, but not while it is open in the process", "[library]") {
    const TestFolder temp;
    const std::string path = temp / "app.db";
    { const Raw raw(path, kSchema); }
    Database database(path);
    database.load_text(kBoth);
    CHECK_FALSE(database.snapshot("base").replaced);
    CHECK(failure_of_call([&] { database.snapshot("base"); }).kind == FailureKind::kRefused);
    CHECK(database.snapshot("base", true).replaced);
    database.flush();
    const std::string mode = GENERATE("DELETE", "WAL");
    {
        const Raw raw(path);
        raw.get("PRAGMA journal_mode = " + mode);
        raw.run("INSERT INTO parents VALUES (3, 'Cy')");
        const auto facts = failure_of_call([&] { database.restore("base"); });
        CHECK(facts.kind == FailureKind::kRefused);
        CHECK(facts.message == "the database \"" + path + "\" is open in this process");
        CHECK(raw.get("SELECT name FROM parents") == "Cy ");
    }
    CHECK(database.restore("base").changed);
    CHECK_FALSE(database.restore("base").changed);
    CHECK(database.dump_text() == kDumped);
}

TEST_CASE("the locks of the caller's own connection stay, whatever is asked of the library", "[library]") {
    const TestFolder temp;
    const std::string path = temp / "app.db";
    const Raw raw(path, kSchema);
    raw.run("BEGIN IMMEDIATE; INSERT INTO parents VALUES (3, 'Cy')");
    REQUIRE_FALSE(others_can_write(path));
    DatabaseOptions quick;
    quick.busy_timeout_ms = 0;
    Database database(path, quick);
    const Raw memory(":memory:", kSchema);
    CHECK(database.dump_text() == "[]\n");
    CHECK(failure_of_call([&] { database.load_text(kBoth); }).kind == FailureKind::kBusy);
    CHECK(failure_of_call([&] { database.load({path}); }).kind == FailureKind::kUsage);
    CHECK(failure_of_call([&] { database.load({path + "-journal"}); }).kind == FailureKind::kUsage);
    std::filesystem::create_symlink(path, temp / "link.json");
    CHECK(failure_of_call([&] { SqliteDatabase(memory.handle).load({temp / "link.json"}); }).message ==
          "\"" + (temp / "link.json") + "\" is a database, not a fixture");
    CHECK(failure_of_call([&] { database.dump(path); }).kind == FailureKind::kRefused);
    CHECK(failure_of_call([&] { database.dump(temp / "link.json"); }).kind == FailureKind::kRefused);
    CHECK(failure_of_call([&] { Database(temp.path()).dump_text(); }).kind == FailureKind::kNotFound);
    database.snapshot();
    CHECK(failure_of_call([&] { database.restore(); }).kind == FailureKind::kRefused);
    CHECK_FALSE(others_can_write(path));
    raw.run("COMMIT");
    CHECK(others_can_write(path));
}

TEST_CASE("a dump goes into a file by the name's format and compression", "[library]") {
    const TestFolder temp;
    const Raw raw(":memory:", kSchema);
    SqliteDatabase database(raw.handle);
    database.load_text(kBoth);
    CHECK(database.dump(temp / "all.yaml.gz").records == 2);
    database.flush();
    DatabaseOptions options;
    options.fixture_dirs = {temp.path()};
    CHECK(SqliteDatabase(raw.handle, options).load({"all"}).inserted == 2);
    CHECK(database.dump_text() == kDumped);
}

TEST_CASE("a guarded database wants its name before it loses rows", "[library]") {
    const TestFolder temp;
    const std::string path = temp / "production.db";
    { const Raw raw(path, kSchema); }
    Database database(path);
    database.load_text(kBoth);
    const auto facts = failure_of_call([&] { database.flush(); });
    CHECK(facts.kind == FailureKind::kRefused);
    CHECK(facts.hint == "if you mean it: DatabaseOptions::confirm = \"production.db\"");
    LoadSettings replace;
    replace.replace = true;
    CHECK(failure_of_call([&] { database.load_text(kBoth, "json", replace); }).kind == FailureKind::kRefused);
    DatabaseOptions sure;
    sure.confirm = "production.db";
    CHECK(Database(path, sure).flush() == 2);
}

TEST_CASE("numbers have a point, whatever the locale of the program", "[library]") {
    const TestFolder temp;
    const std::string make = "localedef -i de_DE -f UTF-8 '" + (temp / "de_DE.UTF-8") + "' >/dev/null 2>&1";
    ::setenv("LOCPATH", temp.path().c_str(), 1);
    if (std::system(make.c_str()) != 0 || std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) {
        WARN("SKIPPED: locales: no de_DE can be made here");
        return;
    }
    const std::string sum = std::to_string(0.5);
    const Raw raw(":memory:", "CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, d DECIMAL(20, 5), x JSON)");
    SqliteDatabase database(raw.handle);
    const std::string row =
        "[\n{\"model\": \"t\", \"pk\": 1, \"fields\": {\"r\": 0.30000000000000004, \"d\": 12345.678, \"x\": [1.25, "
        "1e-7]}}\n]\n";
    for (const char* format : {"json", "jsonl", "yaml", "xml"}) {
        INFO(format);
        database.flush();
        database.load_text(row);
        DumpSettings settings;
        settings.format = format;
        const std::string text = database.dump_text(settings);
        database.flush();
        database.load_text(text, format);
        CHECK(database.dump_text() == row);
    }
    const auto facts =
        failure_of_call([&] { database.load_text(R"([{"model": "t", "pk": 2, "fields": {"r": 1.5e400}}])"); });
    CHECK(std::string(std::setlocale(LC_ALL, nullptr)) == "de_DE.UTF-8");
    std::setlocale(LC_ALL, "C");
    ::unsetenv("LOCPATH");
    CHECK(sum == "0,500000");
    CHECK(facts.kind == FailureKind::kInput);
}

TEST_CASE("a config is read only where it is named", "[library]") {
    const TestFolder temp;
    std::ofstream(temp / "dbfixture.yaml") << "apps: {family: [parents, children]}\n";
    const Raw raw(":memory:", kSchema);
    SqliteDatabase(raw.handle).load_text(kBoth);
    DumpSettings family;
    family.labels = {"family"};
    CHECK(failure_of_call([&] { SqliteDatabase(raw.handle).dump_text(family); }).kind == FailureKind::kNotFound);
    DatabaseOptions options;
    options.config = temp / "dbfixture.yaml";
    CHECK(SqliteDatabase(raw.handle, options).dump_text(family) == kDumped);
}

TEST_CASE("different objects work in different threads, and print nothing", "[library]") {
    const TestFolder temp;
    const int kept[] = {::dup(1), ::dup(2)};
    const int file = ::open((temp / "printed").c_str(), O_RDWR | O_CREAT, 0600);
    ::dup2(file, 1);
    ::dup2(file, 2);
    std::vector<std::string> dumps(4);
    std::vector<std::thread> threads;
    for (std::string& dump : dumps) {
        threads.emplace_back([&dump] {
            sqlite3* handle = nullptr;
            sqlite3_open(":memory:", &handle);
            sqlite3_exec(handle, kSchema, nullptr, nullptr, nullptr);
            for (int i = 0; i < 20; ++i) {
                SqliteDatabase database(handle);
                database.load_text(kBoth);
                try {
                    database.load_text("[{}]");
                } catch (const Failure&) {
                    dump = database.dump_text();
                }
                database.flush();
            }
            sqlite3_close(handle);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    ::dup2(kept[0], 1);
    ::dup2(kept[1], 2);
    CHECK(::lseek(file, 0, SEEK_END) == 0);
    for (const int descriptor : {file, kept[0], kept[1]})
        ::close(descriptor);
    CHECK(dumps == std::vector<std::string>(4, kDumped));
}

TEST_CASE("a database on a server is loaded, saved and put back by its URL", "[library][postgres]") {
    if (postgres_folder().empty()) return;
    const PostgresTestDatabase server("CREATE TABLE parents (id int PRIMARY KEY, name text NOT NULL)");
    Database database(server.url());
    const std::string ann = R"([{"model": "parents", "pk": 1, "fields": {"name": "Ann"}}])";
    CHECK(database.load_text(ann).inserted == 1);
    const TestFolder temp;
    DatabaseOptions options;
    options.store = temp / "store";
    Database kept(server.url(), options);
    kept.snapshot("base");
    CHECK(kept.flush() == 1);
    CHECK(kept.restore("base").changed);
    CHECK(server.run("SELECT name FROM parents") == "Ann\n");
    CHECK(failure_of_call([&] { database.load_text(R"([{"model": "parents", "pk": 1, "fields": {}}])"); }).column ==
          "name");
}
