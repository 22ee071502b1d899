// SPDX-License-Identifier: MIT
// What docs/ holds of generated files is what `make docs` makes now, reads well, and its examples work.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

bool is_missing(const std::string& program, const char* what) {
    if (shell("command -v " + program + " >/dev/null") == 0) return false;
    WARN("SKIPPED: " << what << ": " << program << " is missing");
    return true;
}

// Each page as `command` shows it: what it complains about.
std::string complaints(const std::string& command) {
    std::string out;
    std::size_t pages = 0;
    for (const fs::directory_entry& page : fs::directory_iterator(dbfixture::source_folder() / "docs/man")) {
        ++pages;
        out += output_of(command + " " + quoted(page.path()) + " 2>&1 >/dev/null");
    }
    CHECK(pages > 20);
    return out;
}

}  // namespace

TEST_CASE("man pages, reference and completion scripts are those of `make docs`", "[docs]") {
    if (is_missing("python3", "docs are current")) return;
    const WorkFolder temp;
    const std::string make = quoted(dbfixture::source_folder() / ".ci/docs") + " " + quoted(dbfixture::program_path()) +
                             " " + quoted(temp.path);
    REQUIRE(shell(make) == 0);
    const std::string differences = output_of("cd " + quoted(dbfixture::source_folder() / "docs") +
                                              " && for name in man reference.md completions; do diff -ru $name " +
                                              quoted(temp.path) + "/$name; done 2>&1");
    INFO("run `make docs`, and commit what it writes:\n" << differences);
    CHECK(differences.empty());
}

TEST_CASE("mandoc finds nothing to say about the man pages", "[docs]") {
    if (is_missing("mandoc", "man pages by mandoc")) return;
    CHECK(output_of("for page in " + quoted(dbfixture::source_folder() / "docs/man") +
                    "/*; do mandoc -T lint $page; done 2>&1")
              .empty());
}

TEST_CASE("groff finds nothing to say about the man pages", "[docs]") {
    if (is_missing("groff", "man pages by groff")) return;
    CHECK(complaints("LC_ALL=C.UTF-8 groff -ww -b -man -rLL=78n -Tutf8 -Kutf8").empty());
}

TEST_CASE("the examples of the man pages work", "[docs][slow]") {
    if (is_missing("python3", "examples of man pages")) return;
    const std::string said =
        output_of(environment() + "python3 " + quoted(dbfixture::source_folder() / "testdata/docs/examples.py") + " " +
                  quoted(dbfixture::program_path()) + " 2>&1");
    INFO(said);
    CHECK(said.ends_with(" 0 wrong\n"));
}
