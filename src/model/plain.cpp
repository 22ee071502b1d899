// SPDX-License-Identifier: MIT
#include "model/plain.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace dbfixture {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) noexcept {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n]))
        ++n;
    return n;
}

// `word` in lower case, capitalised or upper case. `lower` is in lower case.
bool is_word(std::string_view word, std::string_view lower) noexcept {
    if (word.size() != lower.size() || word.empty()) return false;
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    bool all_lower = true;
    bool all_upper = true;
    bool rest_lower = true;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool is_lower = word[i] == lower[i];
        const bool is_upper = word[i] == upper(lower[i]);
        if (!is_lower && !is_upper) return false;
        all_lower = all_lower && is_lower;
        all_upper = all_upper && is_upper;
        if (i > 0) rest_lower = rest_lower && is_lower;
    }
    return all_lower || all_upper || rest_lower;
}

struct NumberShape {
    bool number = false;   // [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
    bool integer = false;  // without point and exponent
    bool json = false;     // as JSON spells numbers
};

NumberShape number_shape(std::string_view text) noexcept {
    NumberShape shape;
    const bool plus = text.starts_with('+');
    if (plus || text.starts_with('-')) text.remove_prefix(1);
    const std::size_t whole = count_digits(text);
    const bool leading_zero = whole > 1 && text[0] == '0';
    text.remove_prefix(whole);
    shape.integer = true;
    std::size_t fraction = 0;
    bool point = false;
    if (text.starts_with('.')) {
        point = true;
        shape.integer = false;
        text.remove_prefix(1);
        fraction = count_digits(text);
        text.remove_prefix(fraction);
    }
    if (whole + fraction == 0) return {};
    if (!text.empty()) {
        if (text[0] != 'e' && text[0] != 'E') return {};
        shape.integer = false;
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        const std::size_t exponent = count_digits(text);
        if (exponent == 0 || exponent != text.size()) return {};
    }
    shape.number = true;
    shape.json = !plus && !leading_zero && whole > 0 && (!point || fraction > 0);
    return shape;
}

Value integer_or_spelling(std::string_view spelling, std::string_view digits, bool negative, int base) noexcept {
    std::uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
    if (error != std::errc{} || end != digits.data() + digits.size()) return Value::number(spelling);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!negative) {
        return magnitude <= kMost ? Value::integer(static_cast<std::int64_t>(magnitude))
                                  : Value::unsigned_integer(magnitude);
    }
    if (magnitude > kMost + 1) return Value::number(spelling);
    return Value::integer(static_cast<std::int64_t>(0 - magnitude));
}

Value number_value(std::string_view text, const NumberShape& shape) noexcept {
    if (shape.json) return Value::number(text);
    const bool negative = text[0] == '-';
    std::string_view digits = text;
    if (negative || text[0] == '+') digits.remove_prefix(1);
    if (shape.integer) return integer_or_spelling(text, digits, negative, 10);
    double real = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), real);
    if (error != std::errc{} || end != digits.data() + digits.size()) return Value::number(text);
    return Value::real(negative ? -real : real);
}

bool all_of(std::string_view text, std::string_view allowed) noexcept {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// 12:30:45, 190:20:30.15
bool is_sexagesimal(std::string_view text) noexcept {
    const std::size_t point = text.find('.');
    if (point != std::string_view::npos) {
        const std::string_view fraction = text.substr(point + 1);
        if (!fraction.empty() && !all_of(fraction, "0123456789_")) return false;
        text = text.substr(0, point);
    }
    std::size_t parts = 0;
    while (true) {
        const std::size_t colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        if (!all_of(part, "0123456789_") || !is_digit(part[0]) || (parts > 0 && (part.size() > 2 || part > "59")))
            return false;
        ++parts;
        if (colon == std::string_view::npos) return parts > 1;
        text.remove_prefix(colon + 1);
    }
}

}  // namespace

bool is_number_elsewhere(std::string_view text) noexcept {
    if (resolve_plain_core(text).kind() != ValueKind::kText) return false;
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.size() > 1 && text[0] == '0') {
        const std::string_view digits = text.substr(2);
        switch (text[1]) {
            case 'b':
            case 'B':
                return all_of(digits, "01_");
            case 'o':
            case 'O':
                return all_of(digits, "01234567_");
            case 'x':
            case 'X':
                return all_of(digits, "0123456789abcdefABCDEF_");
            default:
                break;
        }
    }
    if (is_sexagesimal(text)) return true;
    if (text.empty() || (!is_digit(text[0]) && text[0] != '.')) return false;
    std::string_view rest = text;
    const auto skip = [&](std::string_view characters) {
        const std::size_t size = std::min(rest.find_first_not_of(characters), rest.size());
        rest.remove_prefix(size);
        return size;
    };
    std::size_t digits = skip("0123456789_,");
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        digits += skip("0123456789_");
    }
    if (digits == 0 || rest.empty()) return digits > 0;
    if (rest[0] != 'e' && rest[0] != 'E') return false;
    rest.remove_prefix(1);
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    return all_of(rest, "0123456789_") && is_digit(rest[0]);
}

void append_plain_real(std::string& out, double d) {
    if (!std::isfinite(d)) {
        out += std::isnan(d) ? ".nan" : d > 0 ? ".inf" : "-.inf";
        return;
    }
    const std::size_t begin = out.size();
    append_real(out, d);
    const std::size_t exponent = out.find('e', begin);
    if (exponent != std::string::npos && out.find('.', begin) == std::string::npos) out.insert(exponent, ".0");
}

Value resolve_plain_canonical(std::string_view text) {
    if (is_plain_null(text)) return Value::null();
    if (text == "true") return Value::boolean(true);
    if (text == "false") return Value::boolean(false);
    if (text == ".inf" || text == "-.inf" || text == ".nan") return resolve_plain_core(text);
    const NumberShape shape = number_shape(text);
    if (!shape.json) return Value::text(text);
    if (shape.integer) return Value::number(text);
    double real = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), real).ec != std::errc{}) return Value::text(text);
    std::string canonical;
    append_plain_real(canonical, real);
    return canonical == text ? Value::real(real) : Value::text(text);
}

Value resolve_plain_json(std::string_view text) noexcept {
    if (is_plain_null(text)) return Value::null();
    if (text == "true") return Value::boolean(true);
    if (text == "false") return Value::boolean(false);
    return number_shape(text).json ? Value::number(text) : Value::text(text);
}

bool is_plain_null(std::string_view text) noexcept {
    return text.empty() || text == "~" || is_word(text, "null");
}

std::optional<bool> plain_boolean(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5) return std::nullopt;
    static constexpr std::array<std::string_view, 4> kTrue = {"true", "yes", "on", "y"};
    static constexpr std::array<std::string_view, 4> kFalse = {"false", "no", "off", "n"};
    for (const std::string_view word : kTrue) {
        if (is_word(text, word)) return true;
    }
    for (const std::string_view word : kFalse) {
        if (is_word(text, word)) return false;
    }
    return std::nullopt;
}

Value resolve_plain_core(std::string_view text) noexcept {
    if (is_plain_null(text)) return Value::null();
    if (is_word(text, "true")) return Value::boolean(true);
    if (is_word(text, "false")) return Value::boolean(false);

    const bool hexadecimal = text.starts_with("0x");
    if ((hexadecimal || text.starts_with("0o")) && text.size() > 2) {
        const std::string_view digits = text.substr(2);
        const std::string_view allowed = hexadecimal ? "0123456789abcdefABCDEF" : "01234567";
        if (digits.find_first_not_of(allowed) == std::string_view::npos)
            return integer_or_spelling(text, digits, false, hexadecimal ? 16 : 8);
        return Value::text(text);
    }
    const char last = text.back();
    if (text.size() <= 5 && (last == 'f' || last == 'F' || last == 'n' || last == 'N')) {
        if (text == ".nan" || text == ".NaN" || text == ".NAN")
            return Value::real(std::numeric_limits<double>::quiet_NaN());
        const bool sign = text[0] == '+' || text[0] == '-';
        const std::string_view word = sign ? text.substr(1) : text;
        if (word == ".inf" || word == ".Inf" || word == ".INF") {
            constexpr double kInfinity = std::numeric_limits<double>::infinity();
            return Value::real(text[0] == '-' ? -kInfinity : kInfinity);
        }
    }
    const NumberShape shape = number_shape(text);
    return shape.number ? number_value(text, shape) : Value::text(text);
}

}  // namespace dbfixture
