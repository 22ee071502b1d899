// SPDX-License-Identifier: MIT
// Test suites of other people's runners, with dbfixture between the tests: testdata/suites/run_suites.py.
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>
#include <string>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

constexpr int kSkipped = 77;

// The runners are Debian's packages, which belong to Debian's python3.
constexpr auto kPython = "/usr/bin/python3";

// Each passes in every order, twice in a row and after a kill of its runner, and fails without its reset.
void check_suite(const std::string& name) {
    if (!std::filesystem::exists(kPython)) {
        WARN("SKIPPED: " << kPython << " is not there");
        return;
    }
    const WorkFolder temp;
    const std::string out = quoted(temp.path / "out");
    const int status =
        shell(environment() + kPython + " " + quoted(dbfixture::source_folder() / "testdata/suites/run_suites.py") +
              " " + quoted(dbfixture::program_path()) + " " + name + " >" + out + " 2>&1");
    std::istringstream lines(read_file(temp.path / "out"));
    std::string problems;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("SKIPPED: "))
            WARN(line);
        else
            problems += line + "\n";
    }
    if (status == kSkipped) return;
    CHECK(problems == "");
    CHECK(status == 0);
}

}  // namespace

TEST_CASE("a suite of behave holds with a layer for each run and feature", "[suites][slow]") {
    check_suite("behave");
}

TEST_CASE("a suite of Flask and SQLAlchemy holds though every request commits, with nothing patched or disposed",
          "[suites][slow]") {
    check_suite("flask");
}

TEST_CASE("a suite of pytest holds with a layer for the session and for each module", "[suites][slow]") {
    check_suite("pytest");
}

TEST_CASE("a suite of pytest holds on workers that have a throwaway copy each", "[suites][slow]") {
    check_suite("xdist");
}

TEST_CASE(
    "a suite of Django's TransactionTestCase holds with what migrations put there, on workers and live servers too",
    "[suites][slow]") {
    check_suite("django");
}

TEST_CASE("a suite of Django holds with --keepdb", "[suites][slow]") {
    check_suite("django_keepdb");
}

TEST_CASE("a suite of a web application reads stored sessions and logs users in, on a copy that the environment names",
          "[suites][slow]") {
    check_suite("sessions");
}

TEST_CASE("a suite of node holds with a connection and prepared statements held throughout", "[suites][slow]") {
    check_suite("node");
}

TEST_CASE("a suite of Ruby holds with a connection held throughout", "[suites][slow]") {
    check_suite("ruby");
}

TEST_CASE("a suite of bats holds with a layer for each file, by a process for each command and by one for all",
          "[suites][slow]") {
    check_suite("bats");
}

TEST_CASE("a job of continuous integration migrates once for each key and tests on copies side by side",
          "[suites][slow]") {
    check_suite("ci");
}

TEST_CASE("every form of --env leads its libraries to the file, whatever its path holds", "[suites][slow]") {
    check_suite("env_forms");
}

TEST_CASE("a suite of pytest holds on PostgreSQL with a session and prepared statements held throughout",
          "[suites][slow]") {
    check_suite("pytest_postgres");
}

TEST_CASE("a suite of pytest holds on PostgreSQL on workers that have a throwaway database each", "[suites][slow]") {
    check_suite("xdist_postgres");
}

TEST_CASE("a suite of Flask and SQLAlchemy holds on PostgreSQL", "[suites][slow]") {
    check_suite("flask_postgres");
}

TEST_CASE("a suite of Django holds on PostgreSQL, on workers and live servers too", "[suites][slow]") {
    check_suite("django_postgres");
}

TEST_CASE("a suite of Django holds on PostgreSQL with --keepdb", "[suites][slow]") {
    check_suite("django_keepdb_postgres");
}
