// SPDX-License-Identifier: MIT
#include "model/sort_key.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "model/value_order.h"

namespace dbfixture {
namespace {

std::string key(const Value& value) {
    std::string out;
    append_sort_key(out, value);
    return out;
}

int sign(int order) {
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

TEST_CASE("keys as bytes compare as the values do", "[model]") {
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<Value> values = {Value::null(),
                                 Value::text(""),
                                 Value::text("a"),
                                 Value::text("ab"),
                                 Value::text(std::string_view("a\0", 2)),
                                 Value::text(std::string_view("a\0b", 3)),
                                 Value::text("a\x01"),
                                 Value::text("\xC3\xA4"),
                                 Value::bytes(""),
                                 Value::bytes("\xFF"),
                                 Value::bytes(std::string_view("\xFF\0", 2)),
                                 Value::unsigned_integer(std::numeric_limits<std::uint64_t>::max())};
    for (const std::int64_t number :
         {std::numeric_limits<std::int64_t>::min(), std::int64_t{-9007199254740993}, std::int64_t{-9007199254740992},
          std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, std::int64_t{9007199254740992},
          std::int64_t{9007199254740993}, std::numeric_limits<std::int64_t>::max() - 1,
          std::numeric_limits<std::int64_t>::max()})
        values.push_back(Value::integer(number));
    for (const double number : {-infinity, -1e300, -9007199254740992.0, -1.5, -1.0, -0.0, 0.0, 5e-324, 0.5, 1.0, 1.5,
                                9007199254740992.0, 9223372036854775808.0, 1e300, infinity})
        values.push_back(Value::real(number));
    for (const Value& a : values) {
        for (const Value& b : values) {
            INFO(describe(a) << " and " << describe(b));
            CHECK(sign(key(a).compare(key(b))) == sign(compare_stored(a, b)));
        }
    }
    CHECK(key(Value::real(std::nan(""))) > key(Value::real(infinity)));
}

TEST_CASE("keys of decimals compare by what they are worth", "[model]") {
    const std::vector<std::string> ascending = {
        "-Infinity", "-1e30", "-100.01", "-100", "-99.999", "-0.5", "-0.05", "0",        "0.0001", "0.05",
        "0.5",       "1",     "9.99",    "10",   "10.5",    "99",   "1e30",  "Infinity", "NaN"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            INFO(ascending[i] << " and " << ascending[j]);
            CHECK(sign(key(Value::decimal(ascending[i])).compare(key(Value::decimal(ascending[j])))) == (i < j   ? -1
                                                                                                         : i > j ? 1
                                                                                                                 : 0));
        }
    }
    for (const std::string same : {"1.50", "01.5", "15e-1", "0.15e+1"})
        CHECK(key(Value::decimal(same)) == key(Value::decimal("1.5")));
    CHECK(key(Value::decimal("-0.00")) == key(Value::decimal("0")));
}

TEST_CASE("keys behind one another compare part by part", "[model]") {
    const auto pair = [](std::string_view a, std::string_view b) { return key(Value::text(a)) + key(Value::text(b)); };
    CHECK(pair("a", "z") < pair("ab", "a"));
    CHECK(pair("", "z") < pair("a", ""));
    CHECK(pair(std::string_view("a\0", 2), "") > pair("a", "z"));
}

}  // namespace dbfixture
