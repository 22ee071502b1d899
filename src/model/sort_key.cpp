// SPDX-License-Identifier: MIT
// A number is its sign, its decimal exponent and its digits where it is an exact decimal; else the nearest double and
// what that is too small by. A column holds decimals or the others, never both (only servers' columns have decimals).
#include "model/sort_key.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace dbfixture {
namespace {

constexpr char kNull = 1, kNumber = 2, kDecimal = 3, kText = 4, kBytes = 5;

void append_big_endian(std::string& out, std::uint64_t bits) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(bits >> shift & 0xFF));
}

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

// The bits of a double, turned so that they compare as unsigned numbers.
std::uint64_t ordered(double number) {
    if (std::isnan(number)) return ~std::uint64_t{0};
    if (number == 0) number = 0;  // no sign
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

void append_number(std::string& out, double nearest, std::int64_t rest) {
    out.push_back(kNumber);
    append_big_endian(out, ordered(nearest));
    append_big_endian(out, static_cast<std::uint64_t>(rest) ^ kSign);
}

void append_escaped(std::string& out, std::string_view bytes, bool inverted = false) {
    for (const char c : bytes) {
        out.push_back(inverted ? static_cast<char>(~c) : c);
        if (c == '\0') out.push_back(inverted ? '\0' : '\xFF');
    }
    out.append(2, inverted ? '\xFF' : '\0');
}

// "-12.50e3"; also Infinity, -Infinity and NaN.
void append_decimal(std::string& out, std::string_view text) {
    out.push_back(kDecimal);
    if (text == "NaN") return out.push_back(6);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.starts_with('I')) return out.push_back(negative ? 1 : 5);
    const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
    std::int64_t exponent = 0;
    std::string_view power = text.substr(std::min(mark + 1, text.size()));
    if (power.starts_with('+')) power.remove_prefix(1);
    std::from_chars(power.data(), power.data() + power.size(), exponent);
    text = text.substr(0, mark);
    std::string digits;
    const std::size_t point = std::min(text.find('.'), text.size());
    exponent += static_cast<std::int64_t>(point);
    for (const char c : text) {
        if (c != '.') digits.push_back(c);
    }
    const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, zeros);
    exponent -= static_cast<std::int64_t>(zeros);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.empty()) return out.push_back(3);
    out.push_back(negative ? 2 : 4);
    const auto biased = static_cast<std::uint64_t>(exponent) ^ kSign;
    append_big_endian(out, negative ? ~biased : biased);
    append_escaped(out, digits, negative);
}

}  // namespace

void append_sort_key(std::string& out, const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return out.push_back(kNull);
        case ValueKind::kBoolean:
        case ValueKind::kInteger: {
            const auto nearest = static_cast<double>(value.as_integer());
            const long double rest = static_cast<long double>(value.as_integer()) - static_cast<long double>(nearest);
            return append_number(out, nearest, static_cast<std::int64_t>(rest));
        }
        case ValueKind::kUnsigned: {
            const auto nearest = static_cast<double>(value.as_unsigned());
            const long double rest = static_cast<long double>(value.as_unsigned()) - static_cast<long double>(nearest);
            return append_number(out, nearest, static_cast<std::int64_t>(rest));
        }
        case ValueKind::kReal:
            return append_number(out, value.as_real(), 0);
        case ValueKind::kDecimal:
            return append_decimal(out, value.as_text());
        case ValueKind::kBytes:
            out.push_back(kBytes);
            return append_escaped(out, value.as_text());
        default:
            out.push_back(kText);
            return append_escaped(out, value.as_text());
    }
}

}  // namespace dbfixture
