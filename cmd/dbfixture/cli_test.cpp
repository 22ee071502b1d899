// SPDX-License-Identifier: MIT
// Runs the built program over every folder testdata/cli/<command>/<case>. A case has
//   cmd          shell lines, run in an empty folder with dbfixture on the PATH and nothing on standard input
//   db.sql       makes test.db there first (absent: the command's db.sql beside the cases; absent too: no database)
//   in/          files copied there first (absent: none)
//   out, err     what must be printed (absent: nothing)
//   exit         the status (absent: 0)
//   limits       present where cmd limits memory or processor time, which a program under a sanitizer does not survive:
//                skipped there
//   sqlite       the version of SQLite from which on it lacks nothing of what the case is about: skipped there
//   after.json   what "dumpdata -a --indent 2 --layout table" of test.db must say afterwards (absent: not asked)
//   server.sql   beside the cases of a folder: makes a database on a test server. cmd finds its address in $URL and its
//                name in $DATABASE, psql is connected to it by itself, and the user's state lies in $STATE
// "SQLite 3.40.1" stands for the version in the build.
// `make golden` (DBFIXTURE_GOLDEN=1) writes what was seen as what is expected; read the difference before you commit
// it.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "base/places_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

struct Outcome {
    std::string out, err, after;
    int status = 0;
};

bool is_on_server(const fs::path& folder) {
    return fs::exists(folder.parent_path() / "server.sql");
}

constexpr auto kVersion = "SQLite 3.40.1";

// Why the case cannot be run here; "" if it can.
std::string obstacle(const fs::path& folder) {
#ifdef __SANITIZE_ADDRESS__
    if (fs::exists(folder / "limits")) return "limits memory or time";
#endif
    int major = 0;
    int minor = 0;
    std::sscanf(read_file(folder / "sqlite").c_str(), "%d.%d", &major, &minor);
    const bool lacks_nothing = major > 0 && sqlite3_libversion_number() >= major * 1'000'000 + minor * 1'000;
    return lacks_nothing ? std::string("is about older versions than SQLite ") + sqlite3_libversion() : "";
}

// What differs from one run to the next, and what stands for it in files of a case.
using Placeholders = std::vector<std::pair<std::string, std::string>>;

std::string with_placeholders(std::string text, const Placeholders& placeholders) {
    for (const auto& [seen, name] : placeholders) {
        for (std::size_t at; (at = text.find(seen)) != std::string::npos;)
            text.replace(at, seen.size(), name);
    }
    return text;
}

// Of a case on a server. How many rows a restore looked at twice depends on who else has a transaction open on it.
std::string without_chance(const std::string& text) {
    static const std::regex kStore("([$]DATABASE)-[0-9a-f]{8}[.]snapshots");
    static const std::regex kRows(
        "(Reset to layer|Popped layer|Restored snapshot) (\\\\?\"[^\"]*\")( \\([0-9]+ rows?\\)|: nothing had changed)");
    return std::regex_replace(std::regex_replace(text, kStore, "$1-HASH.snapshots"), kRows, "$1 $2");
}

// Shell text for a case on a server.
std::string server_environment(const dbfixture::PostgresTestDatabase& database, const fs::path& state) {
    return "export PGHOST=" + quoted(fs::path(dbfixture::postgres_folder())) +
           " PGUSER=postgres PGDATABASE=" + database.name() + " DATABASE=" + database.name() + " URL='" +
           database.url() + "' STATE=" + quoted(state) + "; export XDG_STATE_HOME=$STATE; ";
}

Outcome run_case(const fs::path& folder) {
    const WorkFolder temp;
    const fs::path work = temp.path / "work";
    fs::create_directory(work);
    if (fs::exists(folder / "in")) fs::copy(folder / "in", work, fs::copy_options::recursive);
    const fs::path own = folder / "db.sql";
    const fs::path sql = fs::exists(own) ? own : folder.parent_path() / "db.sql";
    if (fs::exists(sql)) {
        const int made = shell("cd " + quoted(work) + " && sqlite3 test.db < " + quoted(sql));
        INFO("sqlite3 must be installed and db.sql must run");
        REQUIRE(made == 0);
    }
    Placeholders placeholders = {{work.string(), "$WORK"}};
    const std::string version = std::string("SQLite ") + sqlite3_libversion();
    if (version != kVersion) placeholders.emplace_back(version, kVersion);
    std::optional<dbfixture::PostgresTestDatabase> database;
    std::string server;
    if (is_on_server(folder)) {
        database.emplace(read_file(folder.parent_path() / "server.sql"));
        server = server_environment(*database, temp.path / "state");
        placeholders.insert(placeholders.end(), {{(temp.path / "state").string(), "$STATE"},
                                                 {dbfixture::postgres_folder(), "$SERVER"},
                                                 {database->name(), "$DATABASE"}});
    }
    Outcome outcome;
    const std::string files = " >" + quoted(temp.path / "out") + " 2>" + quoted(temp.path / "err") + " </dev/null";
    outcome.status = shell(environment() + server + "cd " + quoted(work) + " && sh " + quoted(folder / "cmd") + files);
    const auto read = [&](const char* name) {
        const std::string text = with_placeholders(read_file(temp.path / name), placeholders);
        return database ? without_chance(text) : text;
    };
    outcome.out = read("out");
    outcome.err = read("err");
    if (fs::exists(folder / "after.json")) {
        const std::string dump =
            "dbfixture dumpdata -a --indent 2 --layout table -d test.db >" + quoted(temp.path / "after") + " 2>&1";
        shell(environment() + "cd " + quoted(work) + " && " + dump);
        outcome.after = read("after");
    }
    return outcome;
}

void rewrite(const fs::path& folder, const Outcome& outcome) {
    const auto write = [&](const char* name, const std::string& text) {
        if (text.empty()) {
            fs::remove(folder / name);
        } else {
            write_file(folder / name, text);
        }
    };
    write("out", outcome.out);
    write("err", outcome.err);
    write("exit", outcome.status == 0 ? "" : std::to_string(outcome.status) + "\n");
    if (fs::exists(folder / "after.json")) write_file(folder / "after.json", outcome.after);
}

std::vector<fs::path> all_cases(bool on_server) {
    std::vector<fs::path> cases;
    for (const fs::directory_entry& command : fs::directory_iterator(dbfixture::source_folder() / "testdata/cli")) {
        for (const fs::directory_entry& folder : fs::directory_iterator(command)) {
            if (fs::exists(folder.path() / "cmd") && is_on_server(folder) == on_server) cases.push_back(folder.path());
        }
    }
    std::sort(cases.begin(), cases.end());
    return cases;
}

void run_cases(bool on_server) {
    const bool golden = std::getenv("DBFIXTURE_GOLDEN") != nullptr;
    const char* only = std::getenv("DBFIXTURE_CASE");  // part of a path, which ends with "/"
    std::size_t ran = 0;
    for (const fs::path& folder : all_cases(on_server)) {
        if (only != nullptr && (folder.string() + "/").find(only) == std::string::npos) continue;
        ++ran;
        if (const std::string why = obstacle(folder); !why.empty()) {
            WARN("SKIPPED: " << fs::relative(folder, dbfixture::source_folder()).string() << " " << why);
            continue;
        }
        const Outcome outcome = run_case(folder);
        if (golden) {
            rewrite(folder, outcome);
            continue;
        }
        INFO("case " << fs::relative(folder, dbfixture::source_folder()).string());
        const auto check = [&](const char* name, const std::string& seen) {
            const std::string expected = read_file(folder / name);
            if (expected == seen) {
                SUCCEED();
            } else {
                FAIL_CHECK(name << " differs:\n" << unified_difference(expected, seen));
            }
        };
        check("out", outcome.out);
        check("err", outcome.err);
        const std::string status = read_file(folder / "exit");
        CHECK(outcome.status == (status.empty() ? 0 : std::stoi(status)));
        if (fs::exists(folder / "after.json")) check("after.json", outcome.after);
    }
    CHECK((ran > 0 || only != nullptr));
}

}  // namespace

TEST_CASE("the program does what every folder of testdata/cli says", "[cli][golden]") {
    run_cases(false);
}

TEST_CASE("the program does on a server what the folders of testdata/cli with a server.sql say", "[postgres][golden]") {
    if (dbfixture::postgres_folder().empty()) {
        WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
        return;
    }
    run_cases(true);
}
