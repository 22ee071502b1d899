// SPDX-License-Identifier: MIT
// Runs the built program over every folder testdata/cli/<command>/<case>. A case has
//   cmd          shell lines, run in an empty folder with dbfixture on the PATH and nothing on standard input
//   db.sql       makes test.db there first (absent: the command's db.sql beside the cases; absent too: no database)
//   in/          files copied there first (absent: none)
//   out, err     what must be printed (absent: nothing)
//   exit         the status (absent: 0)
//   limits       present where cmd limits memory or processor time, which a program under a sanitizer does not survive:
//                skipped there
//   after.json   what "dumpdata -a --indent 2 --layout table" of test.db must say afterwards (absent: not asked)
// `make golden` (DBFIXTURE_GOLDEN=1) writes what was seen as what is expected; read the difference before you commit
// it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

struct Outcome {
    std::string out, err, after;
    int status = 0;
};

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
    Outcome outcome;
    const std::string files = " >" + quoted(temp.path / "out") + " 2>" + quoted(temp.path / "err") + " </dev/null";
    outcome.status = shell(environment() + "cd " + quoted(work) + " && sh " + quoted(folder / "cmd") + files);
    const auto read = [&](const char* name) {
        std::string text = read_file(temp.path / name);
        for (std::size_t at; (at = text.find(work.string())) != std::string::npos;)
            text.replace(at, work.string().size(), "$WORK");
        return text;
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

std::vector<fs::path> all_cases() {
    std::vector<fs::path> cases;
    for (const fs::directory_entry& command : fs::directory_iterator(dbfixture::source_folder() / "testdata/cli")) {
        for (const fs::directory_entry& folder : fs::directory_iterator(command)) {
            if (fs::exists(folder.path() / "cmd")) cases.push_back(folder.path());
        }
    }
    std::sort(cases.begin(), cases.end());
    return cases;
}

}  // namespace

TEST_CASE("the program does what every folder of testdata/cli says", "[cli][golden]") {
    const bool golden = std::getenv("DBFIXTURE_GOLDEN") != nullptr;
    const char* only = std::getenv("DBFIXTURE_CASE");  // part of a path, which ends with "/"
    std::size_t ran = 0;
    for (const fs::path& folder : all_cases()) {
        if (only != nullptr && (folder.string() + "/").find(only) == std::string::npos) continue;
        ++ran;
#ifdef __SANITIZE_ADDRESS__
        if (fs::exists(folder / "limits")) {
            WARN("SKIPPED: " << fs::relative(folder, dbfixture::source_folder()).string() << " limits memory or time");
            continue;
        }
#endif
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
    CHECK(ran > 0);
}
