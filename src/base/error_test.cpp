// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <catch2/catch.hpp>

using namespace dbfixture;

TEST_CASE("an error is printed with its place, detail and hint", "[error]") {
    CHECK(format_error(Error(ErrorKind::kInput, "column \"emial\" does not exist")
                           .with_detail("table \"auth_user\" has columns id, email, name")
                           .with_hint("did you mean \"email\"?")
                           .at({"fixtures/auth.yaml", 12, 3, "auth_user", "pk=7", "emial"})) ==
          "fixtures/auth.yaml:12: record 3 (auth_user pk=7): column \"emial\" does not exist\n"
          "  detail: table \"auth_user\" has columns id, email, name\n"
          "  hint: did you mean \"email\"?\n");
    CHECK(format_error(Error(ErrorKind::kFailure, "no room")) == "no room\n");
}

TEST_CASE("a message that does not name the column gets it", "[error]") {
    CHECK(format_error(Error(ErrorKind::kInput, "value is null").at({"f", 1, 0, "t", "", "c"})) ==
          "f:1: table t: column \"c\": value is null\n");
    CHECK(format_error(Error(ErrorKind::kInput, "value of column \"c\" is null").at({"f", 1, 0, "t", "", "c"})) ==
          "f:1: table t: value of column \"c\" is null\n");
}

TEST_CASE("a place says as much as is known", "[error]") {
    CHECK(format_where({}) == "");
    CHECK(format_where({"f", 0, 0, "", "", ""}) == "f");
    CHECK(format_where({"f", 5, 0, "", "", ""}) == "f:5");
    CHECK(format_where({"", 5, 0, "", "", ""}) == "line 5");
    CHECK(format_where({"f", 5, 2, "", "", ""}) == "f:5: record 2");
    CHECK(format_where({"f", 5, 2, "t", "", ""}) == "f:5: record 2 (t)");
    CHECK(format_where({"f", 5, 2, "t", "pk=1", ""}) == "f:5: record 2 (t pk=1)");
    CHECK(format_where({"", 0, 2, "", "pk=1", ""}) == "record 2 (pk=1)");
    CHECK(format_where({"", 0, 0, "t", "pk=1", ""}) == "table t pk=1");
    CHECK(format_where({"f", 0, 0, "t", "", ""}) == "f: table t");
}
