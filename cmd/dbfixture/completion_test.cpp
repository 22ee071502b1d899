// SPDX-License-Identifier: MIT
// Completion as people have it, in real shells; what it answers is in the golden cases of testdata/cli/completion.
#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

double children_ms() {
    rusage used = {};
    ::getrusage(RUSAGE_CHILDREN, &used);
    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(used.ru_utime) + ms(used.ru_stime);
}

void check_shell(const std::string& shell_name) {
    if (shell("command -v python3 >/dev/null && command -v " + shell_name + " >/dev/null") != 0) {
        WARN("SKIPPED: completion in " << shell_name << ": it, or python3, is missing");
        return;
    }
    const std::string script = quoted(dbfixture::source_folder() / "testdata/completion/shells.py");
    const std::string said = output_of(environment() + "python3 " + script + " " + quoted(dbfixture::program_path()) +
                                       " " + shell_name + " 2>&1");
    INFO(said);
    CHECK(said.ends_with(" completions, 0 wrong\n"));
}

}  // namespace

TEST_CASE("tab completes commands, options, tables, fixtures, snapshots and files in bash", "[completion][slow]") {
    check_shell("bash");
}

TEST_CASE("tab completes commands, options, tables, fixtures, snapshots and files in zsh", "[completion][slow]") {
    check_shell("zsh");
}

TEST_CASE("tab completes commands, options, tables, fixtures, snapshots and files in fish", "[completion][slow]") {
    check_shell("fish");
}

TEST_CASE("names of 500 tables are there within 50 ms, and a locked database takes no longer", "[completion]") {
    const WorkFolder temp;
    std::string sql;
    for (int i = 0; i < 500; ++i) {
        sql += dbfixture::cat("CREATE TABLE t", i, " (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b REAL, c REFERENCES t",
                              i / 2, ", d BLOB); CREATE INDEX i", i, " ON t", i, " (a);\n");
    }
    write_file(temp.path / "sql", sql);
    const std::string in_folder = environment() + "cd " + quoted(temp.path) + " && ";
    REQUIRE(shell(in_folder + "sqlite3 x.db <sql") == 0);
    write_file(temp.path / "ask", "dbfixture __complete -d x.db dumpdata t49 >seen\n");
    // Of the processor's time, with two shells': the machine may be busy with others. The least of several.
    const auto least_ms = [&](const std::string& command) {
        double least = 1e9;
        for (int i = 0; i < 10; ++i) {
            const double before = children_ms();
            REQUIRE(shell(in_folder + command) == 0);
            least = std::min(least, children_ms() - before);
        }
        return least;
    };
#ifdef __SANITIZE_ADDRESS__
    constexpr int kLongest = 1000;
#else
    constexpr int kLongest = 50;
#endif
    CHECK(least_ms("sh ask") <= kLongest);
    CHECK(std::ranges::count(read_file(temp.path / "seen"), '\n') == 11);  // t49 and t490 to t499
    const auto start = std::chrono::steady_clock::now();
    CHECK(least_ms("sqlite3 x.db 'BEGIN EXCLUSIVE' '.system sh ask'") <= kLongest);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(9));  // of ten: none was ended by the alarm
    CHECK(read_file(temp.path / "seen").empty());
}
