// SPDX-License-Identifier: MIT
// The rules of ARCHITECTURE.md on who includes whom hold, and the script that says so notices when they do not.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace fs = std::filesystem;

TEST_CASE(
    "includes point down, third-party headers and an engine's words stay in their folder, files and functions are "
    "short",
    "[layers]") {
    if (shell("command -v python3 >/dev/null") != 0) {
        WARN("SKIPPED: layers: python3 is missing");
        return;
    }
    const std::string found = output_of(quoted(dbfixture::source_folder() / ".ci/layers"));
    INFO(found);
    CHECK(found.ends_with(", 0 problem(s)\n"));
}

TEST_CASE("the check of layers finds what it looks for", "[layers]") {
    if (shell("command -v python3 >/dev/null") != 0) {
        WARN("SKIPPED: layers: python3 is missing");
        return;
    }
    const WorkFolder temp;
    fs::create_directories(temp.path / ".ci");
    for (const char* folder : {"src/base", "src/db/sqlite", "src/fixture", "cmd/dbfixture"})
        fs::create_directories(temp.path / folder);
    fs::copy(dbfixture::source_folder() / ".ci/layers", temp.path / ".ci/layers");
    const std::string first = "// SPDX-License-Identifier: MIT\n";
    write_file(temp.path / "src/fixture/a.h", first);
    write_file(temp.path / "src/db/sqlite/b.h", first + "#include <sqlite3.h>\n");
    write_file(temp.path / "src/base/up.cpp",
               first + "#include \"fixture/a.h\"\n#include <zlib.h>\n#include <unknown/x.hpp>\n");
    write_file(temp.path / "src/db/side.cpp", "#include \"fixture/a.h\"\n#include <catch2/catch.hpp>\n");
    write_file(temp.path / "cmd/dbfixture/deep.cpp", first + "#include \"db/sqlite/b.h\"\n#include \"none.h\"\n");
    std::string lines;
    for (int i = 0; i < 60; ++i)
        lines += "    f();\n";
    write_file(temp.path / "src/base/long.cpp", first + "void f() {\n" + lines + "}\n" + std::string(440, '\n'));
    write_file(temp.path / "src/base/wrapped.cpp", first + "int f(int a,\n      int b) {\n" + lines +
                                                       "}\n\n// A.\nA::A(int a)\n" + "    : a_(a),\n      b_{a} {\n" +
                                                       lines + "}\n\nA::~A() {}\n");
    write_file(temp.path / "src/db/sqlite/own.cpp", first + "// SQLite's rowid\n");
    write_file(
        temp.path / "src/base/words.cpp",
        first + "#pragma once\nint wall, paged, set_rowid;\n// Pages of SQLite3 in \"x.db\"\nauto end = \".db\";\n");
    write_file(temp.path / "src/base/words_test.cpp", first + "// pages\n");
    write_file(temp.path / "src/fixture/find.cpp", first + "// sqlite3\n");
    CHECK(output_of(quoted(temp.path / ".ci/layers")) ==
          "layers: cmd/dbfixture/deep.cpp:2: cmd/dbfixture must not look into src/db/sqlite: \"db/sqlite/b.h\"\n"
          "layers: cmd/dbfixture/deep.cpp:3: includes \"none.h\", which does not exist\n"
          "layers: src/base/long.cpp: 503 lines\n"
          "layers: src/base/long.cpp:2: 62 lines in one function: void f() {\n"
          "layers: src/base/up.cpp:2: src/base must not include src/fixture: \"fixture/a.h\"\n"
          "layers: src/base/up.cpp:3: <zlib.h> outside src/fixture\n"
          "layers: src/base/up.cpp:4: <unknown/x.hpp> is in no list of .ci/layers\n"
          "layers: src/base/words.cpp:3: set_rowid is a word of src/db/sqlite\n"
          "layers: src/base/words.cpp:4: Pages is a word of src/db/sqlite\n"
          "layers: src/base/words.cpp:4: SQLite3 is a word of src/db/sqlite\n"
          "layers: src/base/words.cpp:5: \".db\" is a word of src/db/sqlite\n"
          "layers: src/base/wrapped.cpp:2: 63 lines in one function: int f(int a,\n"
          "layers: src/base/wrapped.cpp:67: 64 lines in one function: A::A(int a)\n"
          "layers: src/db/side.cpp:1: the first line must be the SPDX line\n"
          "layers: src/db/side.cpp:1: src/db must not include src/fixture: \"fixture/a.h\"\n"
          "layers: src/db/side.cpp:2: <catch2/catch.hpp> outside a test\n"
          "layers: src/db/sqlite/b.h:2: <sqlite3.h> in a header of ours\n"
          "layers: src/fixture/find.cpp: says nothing like \"\\.?db3?\": take it off .ci/layers\n"
          "layers: 11 files, 18 problem(s)\n");
}
