// SPDX-License-Identifier: MIT
#include "model/exact_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

namespace dbfixture {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count]))
        ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// The digits from the first to the last that is not zero.
std::string significant_digits(std::string_view number) {
    std::string digits;
    for (const char c : number) {
        if (c == 'e' || c == 'E') break;
        if (is_digit(c) && (c != '0' || !digits.empty())) digits += c;
    }
    while (!digits.empty() && digits.back() == '0')
        digits.pop_back();
    return digits;
}

}  // namespace

bool is_number(std::string_view text) noexcept {
    if (!text.empty() && text[0] == '-') text.remove_prefix(1);
    const std::string_view whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return false;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        if (take_digits(text).empty()) return false;
    }
    if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
        text.remove_prefix(1);
        if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
        if (take_digits(text).empty()) return false;
    }
    return text.empty();
}

bool is_integer_spelling(std::string_view number) noexcept {
    return number.find_first_of(".eE") == std::string_view::npos;
}

bool is_whole_number(std::string_view text) noexcept {
    return is_integer_spelling(text) && is_number(text);
}

std::optional<std::int64_t> exact_integer(std::string_view number) noexcept {
    std::int64_t out = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), out);
    if (parsed.ec != std::errc() || parsed.ptr != number.data() + number.size()) return std::nullopt;
    return out;
}

DecimalFit fit_decimal(std::string_view number, int precision, int scale) {
    const std::size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
    std::string_view exponent = number.substr(std::min(exponent_at + 1, number.size()));
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    std::int64_t shift = 0;
    const auto parsed = std::from_chars(exponent.data(), exponent.data() + exponent.size(), shift);
    constexpr std::int64_t kFar = std::int64_t{1} << 40;
    if (parsed.ec == std::errc::result_out_of_range) shift = exponent.starts_with('-') ? -kFar : kFar;
    shift = std::clamp(shift, -kFar, kFar);

    // Powers of ten of the first and the last digit that is not zero.
    std::string_view mantissa = number.substr(0, exponent_at);
    if (mantissa.starts_with('-')) mantissa.remove_prefix(1);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const auto power = [&](std::size_t at) {
        const auto digit = static_cast<std::int64_t>(at), dot = static_cast<std::int64_t>(point);
        return shift + (digit < dot ? dot - digit - 1 : dot - digit);
    };
    const std::size_t first = mantissa.find_first_not_of(".0");
    if (first == std::string_view::npos) return DecimalFit::kExact;
    if (power(first) >= precision - scale) return DecimalFit::kOverflows;
    return power(mantissa.find_last_not_of(".0")) < -scale ? DecimalFit::kLosesDigits : DecimalFit::kExact;
}

RealFit nearest_real(std::string_view number, double& out) {
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), out);
    if (parsed.ec == std::errc::result_out_of_range) {
        // Too large or too small: std::from_chars does not say which, and leaves `out` alone.
        out = std::strtod(std::string(number).c_str(), nullptr);
    }
    if (std::isinf(out)) return RealFit::kOverflows;
    const std::string digits = significant_digits(number);
    if (digits.empty()) return RealFit::kExact;
    if (out == 0) return RealFit::kLosesDigits;
    constexpr std::size_t kAlwaysExact = std::numeric_limits<double>::digits10;
    if (digits.size() <= kAlwaysExact && std::fabs(out) >= std::numeric_limits<double>::min()) return RealFit::kExact;
    if (digits.size() > 1100) return RealFit::kLosesDigits;  // no double has so many
    std::array<char, 32> shortest{};                         // what most numbers of so many digits were written from
    const auto end =
        std::to_chars(shortest.data(), shortest.data() + shortest.size(), out, std::chars_format::scientific);
    if (significant_digits({shortest.data(), static_cast<std::size_t>(end.ptr - shortest.data())}) == digits)
        return RealFit::kExact;
    char written[1200];
    std::snprintf(written, sizeof written, "%.*e", static_cast<int>(digits.size()) - 1, out);
    return significant_digits(written) == digits ? RealFit::kExact : RealFit::kLosesDigits;
}

}  // namespace dbfixture
