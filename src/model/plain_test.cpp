// SPDX-License-Identifier: MIT
#include "model/plain.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

using namespace dbfixture;

TEST_CASE("a plain scalar of the core schema keeps its number as spelled", "[model][plain]") {
    for (const std::string text :
         {"0", "-0", "12", "-5", "1.10", "1e5", "1E+300", "-1.5e-7", "123456789012345678901"}) {
        const Value value = resolve_plain_core(text);
        INFO(text);
        CHECK(value.kind() == ValueKind::kNumber);
        CHECK(value.as_text() == text);
    }
}

TEST_CASE("a plain scalar of the core schema that JSON would not spell so becomes the number", "[model][plain]") {
    CHECK(same_value(resolve_plain_core("0x1F"), Value::integer(31)));
    CHECK(same_value(resolve_plain_core("0o17"), Value::integer(15)));
    CHECK(same_value(resolve_plain_core("012"), Value::integer(12)));
    CHECK(same_value(resolve_plain_core("+12"), Value::integer(12)));
    CHECK(same_value(resolve_plain_core("-012"), Value::integer(-12)));
    CHECK(same_value(resolve_plain_core("-09223372036854775808"),
                     Value::integer(std::numeric_limits<std::int64_t>::min())));
    CHECK(same_value(resolve_plain_core("0xFFFFFFFFFFFFFFFF"),
                     Value::unsigned_integer(std::numeric_limits<std::uint64_t>::max())));
    CHECK(same_value(resolve_plain_core(".5"), Value::real(0.5)));
    CHECK(same_value(resolve_plain_core("-.5e1"), Value::real(-5)));
    CHECK(same_value(resolve_plain_core("1."), Value::real(1)));
    CHECK(same_value(resolve_plain_core("+1.5"), Value::real(1.5)));
    CHECK(same_value(resolve_plain_core("-.inf"), Value::real(-std::numeric_limits<double>::infinity())));
    CHECK(same_value(resolve_plain_core("+.INF"), Value::real(std::numeric_limits<double>::infinity())));
    CHECK(std::isnan(resolve_plain_core(".NaN").as_real()));
}

TEST_CASE("a plain number out of range stays as spelled", "[model][plain]") {
    for (const std::string text :
         {"0x10000000000000000", "+18446744073709551616", "-09223372036854775809", "1.e400", "+1e400"})
        CHECK(same_value(resolve_plain_core(text), Value::number(text)));
}

TEST_CASE("a plain scalar of the core schema is null, boolean or text", "[model][plain]") {
    for (const char* text : {"", "~", "null", "Null", "NULL"}) {
        CHECK(resolve_plain_core(text).is_null());
        CHECK(is_plain_null(text));
    }
    for (const char* text : {"true", "True", "TRUE"})
        CHECK(same_value(resolve_plain_core(text), Value::boolean(true)));
    for (const char* text : {"false", "False", "FALSE"})
        CHECK(same_value(resolve_plain_core(text), Value::boolean(false)));
    for (const std::string text :
         {"yes",   "no",  "on",  "off",   "y",    "nULL", "tRUE", "nil",  "1_000",    "0b11", "12:30:45", "2024-01-01",
          "0x",    "0o",  "0o8", "-0x1F", "0X1F", ".",    "-",    "+",    "e5",       ".e5",  "1e",       "1e+",
          "1.2.3", "inf", "nan", "-.nan", "+.",   "1 2",  "--1",  "1e5x", "Infinity", "=",    "<<"}) {
        INFO(text);
        CHECK(same_value(resolve_plain_core(text), Value::text(text)));
    }
}

TEST_CASE("the words for a boolean column are those of YAML 1.1", "[model][plain]") {
    for (const char* text : {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
        CHECK(plain_boolean(text) == true);
    for (const char* text : {"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})
        CHECK(plain_boolean(text) == false);
    for (const char* text : {"", "yES", "t", "f", "1", "0", "yess", "null", "oN", "falsehood"})
        CHECK_FALSE(plain_boolean(text).has_value());
}

TEST_CASE("convert keeps a plain scalar's type only in its canonical spelling", "[model][plain]") {
    CHECK(resolve_plain_canonical("null").is_null());
    CHECK(same_value(resolve_plain_canonical("true"), Value::boolean(true)));
    CHECK(same_value(resolve_plain_canonical("false"), Value::boolean(false)));
    for (const std::string text : {"0", "-0", "42", "-9223372036854775808", "123456789012345678901234567890"})
        CHECK(same_value(resolve_plain_canonical(text), Value::number(text)));
    CHECK(same_value(resolve_plain_canonical("1.0e+300"), Value::real(1e300)));
    CHECK(same_value(resolve_plain_canonical("-0.0"), Value::real(-0.0)));
    CHECK(same_value(resolve_plain_canonical("0.1"), Value::real(0.1)));
    CHECK(same_value(resolve_plain_canonical(".inf"), Value::real(std::numeric_limits<double>::infinity())));
    for (const std::string text : {"", "~", "Null", "NULL"})
        CHECK(resolve_plain_canonical(text).is_null());
    for (const std::string text : {"nULL", "True", "yes", "012", "+1", "1.10", "1e5", "1e+300", "1.0e300", "1.0e999",
                                   "0x1F", ".5", "1_000", "2024-01-01", "abc"}) {
        INFO(text);
        CHECK(same_value(resolve_plain_canonical(text), Value::text(text)));
    }
}

TEST_CASE("inside a structure a plain scalar is what it is in JSON, else a text", "[model][plain]") {
    for (const std::string text : {"", "~", "null", "Null", "NULL"})
        CHECK(resolve_plain_json(text).is_null());
    CHECK(same_value(resolve_plain_json("true"), Value::boolean(true)));
    CHECK(same_value(resolve_plain_json("false"), Value::boolean(false)));
    for (const std::string text : {"0", "-0", "42", "-9223372036854775809", "123456789012345678901234567890", "0.0",
                                   "-0.0", "1.10", "1e5", "1E5", "1e+05", "1.5e-7", "1e999"}) {
        INFO(text);
        CHECK(same_value(resolve_plain_json(text), Value::number(text)));
    }
    for (const std::string text :
         {"True", "TRUE", "yes",  "on",   "012",   "-01",  "+1",  ".5",       "1.",         "-.5",  "1_000", "1e",
          "0x1F", "0o17", "1:30", ".inf", "-.inf", ".nan", "NaN", "Infinity", "2024-01-01", "nUll", "abc"}) {
        INFO(text);
        CHECK(same_value(resolve_plain_json(text), Value::text(text)));
    }
}

TEST_CASE("what one YAML reader takes for a number and another for a text is known", "[model][plain]") {
    for (const char* text :
         {"1_000", "-1_000",   "+1_000",    "1,000",        "1,000,000", "1_000.5", "1,000.5", "1.5_0",   "0b101",
          "0b1_0", "-0b1",     "0B1",       "-0x1F",        "+0x1F",     "0x1_F",   "0X1F",    "-0o17",   "0O17",
          "1:30",  "12:30:45", "190:20:30", "190:20:30.15", "-1:30",     "1_0:30",  "1_0e5",   "1_0.5e+3"}) {
        INFO(text);
        CHECK(is_number_elsewhere(text));
    }
    for (const char* text : {"",    "1000",   "1.5",   "1e3",   "0x1F", "0o17",       "012",
                             "+1",  ".5",     "1.",    ".inf",  ".nan", "null",       "true",
                             "abc", "1_000x", "_1",    "_",     ",1",   ".",          "-",
                             "+",   "0b2",    "0b",    "0x",    "0xG",  "1:60",       "1:3x",
                             ":30", "1:",     "1:300", "1.2.3", "1-2",  "2024-01-01", "2024-01-01 12:30",
                             "12h", "1e_",    "1_0e",  "e5",    "1 000"}) {
        INFO(text);
        CHECK_FALSE(is_number_elsewhere(text));
    }
}

TEST_CASE("a real in YAML has a dot and a signed exponent", "[model][plain]") {
    const auto plain = [](double d) {
        std::string out = "x: 1e";  // what stands before does not matter
        append_plain_real(out, d);
        return out.substr(5);
    };
    CHECK(plain(1) == "1.0");
    CHECK(plain(-0.0) == "-0.0");
    CHECK(plain(1e300) == "1.0e+300");
    CHECK(plain(1.5e-7) == "1.5e-07");
    CHECK(plain(5e-324) == "5.0e-324");
    CHECK(plain(std::numeric_limits<double>::infinity()) == ".inf");
    CHECK(plain(-std::numeric_limits<double>::infinity()) == "-.inf");
    CHECK(plain(std::numeric_limits<double>::quiet_NaN()) == ".nan");
}
