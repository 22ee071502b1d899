// SPDX-License-Identifier: MIT
// Django itself judges Django's layout: testdata/django/interop.py, and what Django did with its own test fixtures.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/mariadb/test_server_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

const fs::path kFolder = dbfixture::source_folder() / "testdata/django";

// Debian's python3-django belongs to Debian's python3.
constexpr auto kPython = "/usr/bin/python3 ";

bool has_django() {
    static const bool kFound = shell(std::string(kPython) + "-c 'import django, yaml' 2>/dev/null") == 0;
    if (!kFound) WARN("SKIPPED: python3-django is not there");
    return kFound;
}

// For scripts: where the test server is. "" if it or its client is not there.
std::string postgres() {
    static const bool kClient = shell(std::string(kPython) + "-c 'import psycopg2' 2>/dev/null") == 0;
    if (kClient && !dbfixture::postgres_folder().empty()) return "LAB_POSTGRES=" + dbfixture::postgres_folder() + " ";
    WARN("SKIPPED: PostgreSQL's server or python3-psycopg2 is not there");
    return {};
}

std::string mariadb() {
    static const bool kClient = shell(std::string(kPython) + "-c 'import MySQLdb' 2>/dev/null") == 0;
    if (kClient && !dbfixture::mariadb_folder().empty()) return "LAB_MARIADB=" + dbfixture::mariadb_folder() + " ";
    WARN("SKIPPED: MariaDB's server or python3-mysqldb is not there");
    return {};
}

// What the script complains of; "" if it is content.
std::string complaints(const std::string& script, const std::string& arguments, const std::string& variables = {}) {
    const WorkFolder temp;
    const std::string out = quoted(temp.path / "out");
    const int status = shell(environment() + variables + " " + kPython + quoted(kFolder / script) + " " + arguments +
                             " >" + out + " 2>&1");
    return status == 0 ? "" : read_file(temp.path / "out") + "exit status " + std::to_string(status);
}

std::string interop(const fs::path& project, const std::string& cases = {}, const std::string& variables = {}) {
    const std::string config = quoted(kFolder / (project.filename().string() + ".yaml"));
    return complaints("interop.py",
                      quoted(dbfixture::program_path()) + " " + quoted(project) + " " + config + " " + cases,
                      variables);
}

}  // namespace

TEST_CASE("Django loads what we dump and we load what Django dumps, in every format", "[django][parts:2]") {
    if (!has_django()) return;
    if (dbfixture::in_this_part(0)) CHECK(interop(kFolder / "project") == "");
    if (dbfixture::in_this_part(1)) CHECK(interop(kFolder / "project", "yaml natural", "LAB_USE_TZ=0") == "");
}

TEST_CASE("the laboratory's databases are equal after Django and we exchanged their dumps", "[django][parts:2]") {
    const fs::path lab = dbfixture::source_folder() / "../shared/tools/django_lab";
    if (!has_django()) return;
    if (!fs::exists(lab)) {
        WARN("SKIPPED: " << lab.string() << " is not there");
        return;
    }
    if (dbfixture::in_this_part(0)) CHECK(interop(lab) == "");
    if (dbfixture::in_this_part(1)) CHECK(interop(lab, "json natural", "LAB_USE_TZ=0") == "");
}

TEST_CASE("on PostgreSQL, too, Django and we load each other's dumps, flush alike, and set sequences alike",
          "[django][postgres][parts:3]") {
    if (!has_django()) return;
    const std::string server = postgres();
    if (server.empty()) return;
    const auto run = [&](const fs::path& project, const std::string& config, const std::string& cases,
                         const std::string& variables = {}) {
        return complaints("interop.py",
                          quoted(dbfixture::program_path()) + " " + quoted(project) + " " + config + " " + cases,
                          server + variables);
    };
    const fs::path lab = dbfixture::source_folder() / "../shared/tools/django_lab";
    if (dbfixture::in_this_part(0)) CHECK(run(kFolder / "project", "-", "json xml dump flush sequences merge diff") == "");
    if (dbfixture::in_this_part(1))
        CHECK(run(kFolder / "project", "-", "natural", "LAB_USE_TZ=0 LAB_IDENTITY=1") == "");
    if (!fs::exists(lab)) {
        WARN("SKIPPED: " << lab.string() << " is not there");
    } else if (dbfixture::in_this_part(2)) {
        const std::string config = quoted(kFolder / "django_lab.yaml");
        CHECK(run(lab, config, "jsonl yaml session suggestion", "LAB_IDENTITY=1") == "");
    }
}

TEST_CASE("on MariaDB, too, Django and we load each other's dumps", "[django][mariadb][parts:2]") {
    if (!has_django()) return;
    const std::string server = mariadb();
    if (server.empty()) return;
    const std::string arguments = quoted(dbfixture::program_path()) + " " + quoted(kFolder / "project") + " " +
                                  quoted(kFolder / "project.yaml") + " json jsonl yaml xml natural merge session";
    if (dbfixture::in_this_part(0)) CHECK(complaints("interop.py", arguments, server) == "");
    if (dbfixture::in_this_part(1)) CHECK(complaints("interop.py", arguments, server + "LAB_USE_TZ=0") == "");
}

TEST_CASE("the config that a project's models print is all that Django and we need to read each other", "[django]") {
    if (!has_django()) return;
    const auto with_printed_config = [](const fs::path& project, const std::string& cases,
                                        const std::string& variables) {
        return complaints("interop.py", quoted(dbfixture::program_path()) + " " + quoted(project) + " - " + cases,
                          variables);
    };
    CHECK(with_printed_config(kFolder / "project", "json natural xml merge", "") == "");
    CHECK(with_printed_config(kFolder / "project", "yaml", "LAB_USE_TZ=0") == "");
    const fs::path lab = dbfixture::source_folder() / "../shared/tools/django_lab";
    if (fs::exists(lab)) CHECK(with_printed_config(lab, "json natural", "") == "");
}

TEST_CASE("memory does not grow with natural keys that point forward", "[django]") {
#ifdef __SANITIZE_ADDRESS__
    WARN("SKIPPED: how much memory a program under a sanitizer takes says nothing");
    return;
#endif
    const WorkFolder temp;
    constexpr int kRows = 100000;
    std::string first, second;
    for (int i = 1; i <= kRows; ++i) {
        const std::string number = std::to_string(i);
        first += R"({"model": "library.loan", "pk": )" + number +
                 R"(, "fields": {"taken": "2020-01-31T10:00:00Z", "member": ["c)" + number + "\"]}}\n";
        second += R"({"model": "library.member", "pk": )" + number + R"(, "fields": {"card": "c)" + number +
                  R"(", "login": ""}})"
                  "\n";
    }
    write_file(temp.path / "forward.jsonl", first + second);
    const std::string sql = quoted(dbfixture::source_folder() / "testdata/cli/django/db.sql");
    const std::string in_folder = environment() + "cd " + quoted(temp.path) + " && sqlite3 test.db < " + sql + " && ";
    CHECK(shell(in_folder + "command time -f %M -o memory dbfixture loaddata -q -d test.db forward.jsonl") == 0);
    CHECK(std::stol(read_file(temp.path / "memory")) < 56 * 1024);
    CHECK(output_of("sqlite3 " + quoted(temp.path / "test.db") +
                    " 'SELECT count(*), sum(member_id = id) FROM library_loan'") == "100000|100000\n");
}

TEST_CASE("a fixture of a large Django project is checked and converted without loss and without a database",
          "[django]") {
    const fs::path fixture =
        dbfixture::find_realdata("django-projects/wagtail-bakerydemo/bakerydemo/base/fixtures/bakerydemo.json");
    if (fixture.empty()) return;
    const WorkFolder temp;
    const std::string in_folder = environment() + "cd " + quoted(temp.path) + " && ";
    CHECK(output_of(in_folder + "dbfixture check " + quoted(fixture)) ==
          "Checked 641 object(s) from 1 fixture(s): no problem (without a database)\n");
    CHECK(shell(in_folder + "dbfixture convert -q " + quoted(fixture) + " straight.json && dbfixture convert -q " +
                quoted(fixture) +
                " a.yaml && dbfixture convert -q a.yaml b.xml && dbfixture convert -q b.xml c.json") == 0);
    const auto document = [](const fs::path& path) { return nlohmann::ordered_json::parse(read_file(path)); };
    CHECK((document(temp.path / "straight.json") == document(fixture)));
    CHECK((read_file(temp.path / "c.json") == read_file(temp.path / "straight.json")));
}

TEST_CASE("Django's own test fixtures do what they did in Django, but for the listed differences",
          "[django][parts:4]") {
    const fs::path fixtures = dbfixture::find_realdata("django-tests");
    if (fixtures.empty()) return;
    CHECK(complaints("django_tests.py", quoted(dbfixture::program_path()) + " " + quoted(fixtures)) == "");
}
