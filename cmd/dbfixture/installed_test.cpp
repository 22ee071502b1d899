// SPDX-License-Identifier: MIT
// The library as others get it: installed below a folder of its own, found by CMake and by pkg-config.
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "db/postgres/test_server_test.h"
#include "dbfixture/dbfixture.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

#ifdef __SANITIZE_ADDRESS__
constexpr auto kFlags = "-fsanitize=address,undefined";
#else
constexpr auto kFlags = "";
#endif

// What was installed from the folder that the tests were built in.
struct Installed {
    Installed() {
        const fs::path build = dbfixture::program_path().parent_path();
        run(dbfixture::cat("cmake --install ", quoted(build), " --prefix there"));
    }
    std::string run(const std::string& command) const {
        const int status = shell(dbfixture::cat("cd ", quoted(temp.path), " && (", command, ") >out 2>&1"));
        const std::string out = read_file(temp.path / "out");
        INFO(command << "\n" << out);
        REQUIRE(status == 0);
        return out;
    }
    WorkFolder temp;
};

}  // namespace

TEST_CASE_METHOD(Installed, "the example of the library builds against what is installed, and its tests pass",
                 "[library][installed][slow]") {
    fs::copy(dbfixture::source_folder() / "testdata/library", temp.path / "example", fs::copy_options::recursive);
    run(dbfixture::cat("cmake -S example -B built -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH=\"$PWD/there\" ",
                       "-DCMAKE_CXX_FLAGS='", kFlags, "'"));
    run("cmake --build built");
    CHECK(run("built/shop_test").find("All tests passed") != std::string::npos);
}

TEST_CASE_METHOD(Installed, "pkg-config knows what a program needs for the library", "[library][installed]") {
    write_file(temp.path / "main.cpp",
               "#include <dbfixture/dbfixture.h>\n#include <cstdio>\n"
               "int main() {\n    try {\n        dbfixture::Database(\"gone.db\").load({\"x\"});\n"
               "    } catch (const dbfixture::Failure& failure) {\n        std::puts(failure.what());\n    }\n"
               "    std::puts(dbfixture::version());\n}\n");
    run("export PKG_CONFIG_PATH=\"$PWD/$(dirname $(find there -name dbfixture.pc))\" && c++ -std=c++17 main.cpp -o "
        "main " +
        std::string(kFlags) + " $(pkg-config --cflags --libs dbfixture)");
    const std::string out = run("./main");
    INFO(out);
    CHECK(out.starts_with("fixture \"x\" not found"));
    CHECK(out.ends_with(dbfixture::cat("\n", dbfixture::version(), "\n")));
}

TEST_CASE_METHOD(Installed, "the lines of C++ in docs/library.md do what they say",
                 "[library][installed][docs][postgres]") {
    const std::string text = read_file(dbfixture::source_folder() / "docs/library.md");
    const std::string mark = "<!-- test library -->\n```cpp\n#include <dbfixture/dbfixture.h>\n";
    REQUIRE(text.find(mark) != std::string::npos);
    const std::size_t begin = text.find(mark) + mark.size();
    std::string lines = text.substr(begin, text.find("```", begin) - begin);
    // Without a server, a file is the database that is named.
    std::optional<dbfixture::PostgresTestDatabase> server;
    if (!dbfixture::postgres_folder().empty()) server.emplace("CREATE TABLE users (id integer PRIMARY KEY)");
    const std::string named = "postgresql:///shop_test";
    REQUIRE(lines.find(named) != std::string::npos);
    lines.replace(lines.find(named), named.size(), server ? server->url() : "shop_test.db");
    write_file(
        temp.path / "main.cpp",
        "#include <dbfixture/dbfixture.h>\n#include <sqlite3.h>\n#include <cstdio>\n"
        "sqlite3* open_shop() {\n    sqlite3* shop = nullptr;\n    sqlite3_open(\":memory:\", &shop);\n"
        "    sqlite3_exec(shop, \"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE orders (id "
        "INTEGER PRIMARY KEY)\", nullptr, nullptr, nullptr);\n    return shop;\n}\n"
        "int main() {\n" +
            lines + "    std::fputs(text.c_str(), stdout);\n}\n");
    fs::create_directory(temp.path / "fixtures");
    write_file(temp.path / "fixtures/users.yaml", "- {model: users, pk: 1, fields: {name: Ann}}\n");
    write_file(temp.path / "fixtures/orders.json", R"([{"model": "orders", "pk": 10, "fields": {}}])");
    run("sqlite3 shop_test.db 'CREATE TABLE users (id INTEGER PRIMARY KEY)'; "
        "export PKG_CONFIG_PATH=\"$PWD/$(dirname $(find there -name dbfixture.pc))\" && c++ -std=c++17 main.cpp -o "
        "main " +
        std::string(kFlags) + " $(pkg-config --cflags --libs dbfixture)");
    CHECK(run("export XDG_STATE_HOME=\"$PWD/state\"; ./main") ==
          "[\n{\"model\": \"orders\", \"pk\": 10, \"fields\": {}},\n"
          "{\"model\": \"users\", \"pk\": 1, \"fields\": {\"name\": \"Ann\"}}\n]\n");
    CHECK(fs::exists(temp.path / (server ? "state" : "shop_test.db.snapshots")));
}

TEST_CASE_METHOD(Installed, "the library holds no SQLite, and no name of its own outside of its namespace",
                 "[library][installed]") {
    const std::string list =
        "nm -C --defined-only --extern-only $(find there -name libdbfixture.a) 2>/dev/null | grep ' [A-TX-Z] '";
    CHECK(run(list + " | grep -c 'T dbfixture::SqliteDatabase::SqliteDatabase('") == "2\n");
    CHECK(run(list + " | grep -v dbfixture || true").empty());
}

TEST_CASE("what was installed is uninstalled without a trace, and nothing else", "[library][installed]") {
    const WorkFolder temp;
    const fs::path build = dbfixture::program_path().parent_path();
    const auto run = [&](const std::string& script, const std::string& prefix, const fs::path& root) {
        const std::string words =
            dbfixture::cat(quoted(build), " '", prefix, "' ", root.empty() ? "''" : quoted(root), " >/dev/null");
        return shell(dbfixture::cat("cd ", quoted(dbfixture::source_folder()), " && .ci/", script, " ", words));
    };
    const auto list = [&] { return output_of(dbfixture::cat("cd ", quoted(temp.path), " && find . | sort")); };
    // A name with a blank; a file of others in a folder that is there already, another that comes later.
    const fs::path root = temp.path / "root folder";
    fs::create_directories(root / "usr/local/include");
    write_file(root / "usr/local/include/others.h", "");
    const std::string before = list();
    REQUIRE(run("install-below", "/usr/local", root) == 0);
    CHECK(fs::exists(root / "usr/local/bin/dbfixture"));
    CHECK(fs::exists(root / "usr/local/share/dbfixture/schemas/fixture.schema.json"));
    REQUIRE(run("install-below", "/usr/local", root) == 0);
    REQUIRE(run("uninstall", "/usr/local", root) == 0);
    CHECK(list() == before);

    const fs::path prefix = temp.path / "new/below";
    REQUIRE(run("install-below", prefix.string(), {}) == 0);
    write_file(prefix / "bin/other", "");
    REQUIRE(run("uninstall", prefix.string(), {}) == 0);
    CHECK(output_of(dbfixture::cat("cd ", quoted(temp.path), " && find new | sort")) ==
          "new\nnew/below\nnew/below/bin\nnew/below/bin/other\n");
    CHECK(run("uninstall", prefix.string(), {}) == 1);
}
