// SPDX-License-Identifier: MIT
// Loading into PostgreSQL by scripts that look at the database without this program (testdata/postgres).
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "base/realdata_test.h"
#include "db/postgres/test_server_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

std::string said_by_script(const std::string& script, const std::string& arguments) {
    if (dbfixture::postgres_folder().empty()) return {};
    const WorkFolder temp;
    const int status = shell("cd " + quoted(temp.path) + " && PYTHONDONTWRITEBYTECODE=1 python3 " +
                             quoted(dbfixture::source_folder() / "testdata/postgres" / script) + " " +
                             quoted(dbfixture::program_path()) + " " + quoted(fs::path(dbfixture::postgres_folder())) +
                             " " + arguments + " >" + quoted(temp.path / "said") + " 2>&1");
    return read_file(temp.path / "said") + "status " + std::to_string(status) + "\n";
}

}  // namespace

TEST_CASE("a mistake of any kind in the last of three files is named by its record, whatever the role may do",
          "[postgres][slow]") {
    const std::string said = said_by_script("mistakes.py", "5");
    if (said.empty()) return;
    CHECK(said == "184 loads, 46 kinds of mistakes, 0 wrong\nstatus 0\n");
}

TEST_CASE("a database of every kind of table and value goes out and in again, the same byte for byte",
          "[postgres][slow]") {
    const fs::path tables = dbfixture::find_realdata("types-postgres/tables.sql");
    const fs::path values = dbfixture::find_realdata("types-postgres/values.sql");
    if (tables.empty() || values.empty()) return;
    const std::string of_tables = said_by_script("round_trip.py", quoted(tables));
    if (of_tables.empty()) return;
    CHECK(of_tables ==
          "37 tables, 777 bytes in binary form, 4 formats: 0 differences\n"
          "2 columns compared as text:\n"
          "  app.dom.ms: an array says the oid of its element type\n"
          "  app.dom.ps: an array says the oid of its element type\n"
          "status 0\n");
    CHECK(said_by_script("round_trip.py", quoted(values)) ==
          "1 tables, 2032 bytes in binary form, 4 formats: 0 differences\n"
          "2 columns compared as text:\n"
          "  public.v.ca: an array says the oid of its element type\n"
          "  public.v.rc: the value is the oid of an object\n"
          "status 0\n");
}
