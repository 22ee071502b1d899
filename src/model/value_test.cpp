// SPDX-License-Identifier: MIT
#include "model/value.h"
#include "base/places_test.h"

#include <bit>
#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>

using namespace dbfixture;

namespace {

std::string real(double d) {
    std::string out;
    append_real(out, d);
    return out;
}

std::string json(const Value& value) {
    std::string out;
    append_json_text(out, value);
    return out;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const Value kItems[] = {Value::integer(1), Value::text("a")};

}  // namespace

TEST_CASE("reals are written as Python's repr writes them", "[value]") {
    std::ifstream file(source_folder() / "testdata/reals.txt");  // bits, repr: made by Python
    std::uint64_t bits;
    std::string expected;
    std::size_t lines = 0;
    std::size_t wrong = 0;
    for (; file >> std::hex >> bits >> expected; ++lines) {
        if (real(std::bit_cast<double>(bits)) == expected) continue;
        ++wrong;
        CHECK(real(std::bit_cast<double>(bits)) == expected);
    }
    CHECK(lines == 2600);
    CHECK(wrong == 0);
}

TEST_CASE("every real reads back equal and looks like a real", "[value]") {
    std::mt19937_64 random(3);
    std::size_t wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const double d = std::bit_cast<double>(random());
        if (!std::isfinite(d)) continue;
        const std::string text = real(d);
        double back = 0;
        const bool read = std::from_chars(text.data(), text.data() + text.size(), back) ==
                          std::from_chars_result{text.data() + text.size(), std::errc()};
        const bool marked = text.find_first_of(".e") != std::string::npos;
        if (!read || !marked || std::bit_cast<std::uint64_t>(back) != std::bit_cast<std::uint64_t>(d)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("values are the same when kind and content are, bit for bit", "[value]") {
    const Value other_items[] = {Value::integer(1), Value::text("b")};
    const std::vector<Value> different = {Value::null(),
                                          Value::boolean(false),
                                          Value::boolean(true),
                                          Value::integer(0),
                                          Value::integer(1),
                                          Value::unsigned_integer(UINT64_MAX),
                                          Value::real(0.0),
                                          Value::real(-0.0),
                                          Value::real(1.0),
                                          Value::real(std::numeric_limits<double>::quiet_NaN()),
                                          Value::decimal("1"),
                                          Value::text("1"),
                                          Value::text(""),
                                          Value::text(std::string_view("1\0", 2)),
                                          Value::bytes("1"),
                                          Value::encoded_text("1", TextEncoding::kUtf8),
                                          Value::encoded_text("1", TextEncoding::kUtf16le),
                                          Value::number("1"),
                                          Value::number("1.0"),
                                          Value::plain("1"),
                                          Value::list(kItems, 2),
                                          Value::list(kItems, 1),
                                          Value::list(other_items, 2),
                                          Value::list(nullptr, 0),
                                          Value::map(kItems, 1),
                                          Value::map(nullptr, 0)};
    for (std::size_t i = 0; i < different.size(); ++i) {
        for (std::size_t j = 0; j < different.size(); ++j) {
            INFO(i << " and " << j);
            CHECK(same_value(different[i], different[j]) == (i == j));
        }
    }
    Value with_line = Value::integer(1);
    CHECK(same_value(with_line.set_line(7), Value::integer(1)));
}

TEST_CASE("the JSON text of a value has no white space", "[value]") {
    const Value inner[] = {Value::text("k"), Value::list(kItems, 2), Value::text("\"\\\n\x01\x7fé"), Value::null()};
    CHECK(json(Value::map(inner, 2)) == "{\"k\":[1,\"a\"],\"\\\"\\\\\\n\\u0001\x7fé\":null}");
    CHECK(json(Value::list(nullptr, 0)) == "[]");
    CHECK(json(Value::map(nullptr, 0)) == "{}");
    CHECK(json(Value::boolean(true)) == "true");
    CHECK(json(Value::integer(INT64_MIN)) == "-9223372036854775808");
    CHECK(json(Value::unsigned_integer(UINT64_MAX)) == "18446744073709551615");
    CHECK(json(Value::real(2)) == "2.0");
    CHECK(json(Value::number("1.50")) == "1.50");
    CHECK(json(Value::plain("no")) == "\"no\"");
}

TEST_CASE("values are described as a person would write them", "[value]") {
    CHECK(describe(Value::null()) == "null");
    CHECK(describe(Value::text("a\n")) == "\"a\\n\"");
    CHECK(describe(Value::bytes("abc")) == "3 bytes of binary data");
    CHECK(describe(Value::encoded_text("abc", TextEncoding::kUtf16le)) == "3 bytes of encoded text");
    CHECK(describe(Value::real(1.5)) == "1.5");
    CHECK(describe(Value::real(kInfinity)) == "Infinity");
    CHECK(describe(Value::real(-kInfinity)) == "-Infinity");
    CHECK(describe(Value::list(kItems, 2)) == "[1,\"a\"]");
    CHECK(describe(Value::text(std::string(500, 'x'))).size() < 80);
    CHECK(describe(
              Value::number(std::string_view("1234567890123456789012345678901234567890123456789012345678901234567890")))
              .size() == 60);
}
