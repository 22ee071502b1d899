// SPDX-License-Identifier: MIT
// Saved states on PostgreSQL beside what applications, kills and chance do, by scripts that look at the database
// without this program, each on a server of its own (testdata/postgres). By hand with --all they are long.
#include <catch2/catch.hpp>
#include <string>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

constexpr int kSkipped = 77;

void check_script(const std::string& script) {
    const WorkFolder temp;
    const int status = shell("cd " + quoted(temp.path) + " && PYTHONDONTWRITEBYTECODE=1 python3 " +
                             quoted(dbfixture::source_folder() / "testdata/postgres" / script) + " " +
                             quoted(dbfixture::program_path()) + " >" + quoted(temp.path / "said") + " 2>&1");
    const std::string said = read_file(temp.path / "said");
    INFO(said);
    if (status == kSkipped)
        WARN(said);
    else
        CHECK(status == 0);
}

}  // namespace

TEST_CASE("a database on a server is restored whole whatever was done to it, beside sessions that stay open",
          "[state][slow][parts:3]") {
    check_script("states.py");
}

TEST_CASE("a killed program or server leaves a database as before or as after, and nothing that is not cleared",
          "[state][slow]") {
    check_script("kills.py");
}

TEST_CASE("eight throwaway copies on a server do not see one another, and none is left", "[state][slow]") {
    check_script("temps.py");
}
