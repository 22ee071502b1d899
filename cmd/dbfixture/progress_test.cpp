// SPDX-License-Identifier: MIT
// Progress and help on a real terminal.
#include <catch2/catch.hpp>
#include <string>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

TEST_CASE("progress fits the terminal, follows its width, and is cleared; elsewhere there is none",
          "[progress][slow]") {
    if (shell("command -v python3 >/dev/null") != 0) {
        WARN("SKIPPED: progress on a terminal: python3 is missing");
        return;
    }
    const std::string script = quoted(dbfixture::source_folder() / "testdata/progress/terminal.py");
    const std::string said =
        output_of(environment() + "python3 " + script + " " + quoted(dbfixture::program_path()) + " 2>&1");
    INFO(said);
    CHECK(said.ends_with(" checks, 0 wrong\n"));
}
