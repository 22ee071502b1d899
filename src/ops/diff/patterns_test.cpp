// SPDX-License-Identifier: MIT
#include "ops/diff/patterns.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/error.h"

namespace dbfixture {
namespace {

bool matches(const std::string& pattern, const Value& value) {
    Patterns patterns;
    patterns.require(pattern);
    return patterns.matches(pattern, value);
}
bool matches(const std::string& pattern, std::string_view text) {
    return matches(pattern, Value::text(text));
}

std::string refusal(const std::string& pattern) {
    Patterns patterns;
    try {
        patterns.require(pattern);
    } catch (const Error& error) {
        return error.message;
    }
    return "taken";
}

}  // namespace

TEST_CASE("a pattern matches a whole text", "[diff]") {
    CHECK(matches("a+", "aaa"));
    CHECK_FALSE(matches("a+", "aab"));
    CHECK(matches("a|bc", "bc"));
    CHECK_FALSE(matches("a|bc", "ac"));
    CHECK(matches("", ""));
    CHECK(matches(".*", "a\nb"));
    CHECK_FALSE(matches("a", std::string_view("a\0", 2)));
    CHECK(matches("^x$", "x"));
}

TEST_CASE("a pattern knows the usual classes, also in brackets", "[diff]") {
    CHECK(matches("\\d{4}-\\d\\d", "2024-07"));
    CHECK_FALSE(matches("\\d", "x"));
    CHECK(matches("[\\d.]+", "1.2.3"));
    CHECK(matches("[^\\d]", "x"));
    CHECK_FALSE(matches("[^\\d]", "7"));
    CHECK(matches("\\w+\\s\\w+", "a_1 b"));
    CHECK(matches("\\D\\.", "x."));
    CHECK(matches("[]x]+", "]x"));
    CHECK(matches("[a\\-z\\]]+", "a-z]"));
    CHECK_FALSE(matches("[a\\-z]", "b"));
    CHECK(matches("[\\w\\s]+", "a b_"));
    CHECK(matches("[[:alpha:]]+", "ab"));
    CHECK(matches("\\\\", "\\"));
}

TEST_CASE("a pattern matches numbers as JSON spells them, and neither NULL nor bytes", "[diff]") {
    CHECK(matches("\\d+", Value::integer(42)));
    CHECK(matches("1\\.5", Value::real(1.5)));
    CHECK(matches("1\\.50", Value::decimal("1.50")));
    CHECK(matches("true", Value::boolean(true)));
    CHECK_FALSE(matches(".*", Value::null()));
    CHECK_FALSE(matches(".*", Value::bytes("x")));
}

TEST_CASE("what is no pattern is refused, and so is what would take the memory of the machine", "[diff]") {
    CHECK(refusal("(") == "\"$match\" cannot use \"(\": Unmatched ( or \\(");
    CHECK(refusal("[z-a]") == "\"$match\" cannot use \"[z-a]\": Invalid range end");
    CHECK(refusal("((a{1,99}){1,99}){1,99}") ==
          "\"$match\" cannot use \"((a{1,99}){1,99}){1,99}\": it repeats something more than 1000 times");
    CHECK(refusal(std::string(1001, 'a')).ends_with("it is longer than 1000 bytes"));
    CHECK(refusal("a{3}b{300}") == "taken");
}

TEST_CASE("a long text costs a pattern no stack", "[diff]") {
    CHECK(matches("(a|b)*", std::string(1000000, 'a')));
}

}  // namespace dbfixture
