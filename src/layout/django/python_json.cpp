// SPDX-License-Identifier: MIT
#include "layout/django/python_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "model/copy_value.h"
#include "model/exact_number.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

void append_unit(std::string& out, unsigned unit) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += kHex[(unit >> shift) & 0xF];
}

// One character of valid UTF-8, at least two bytes long; returns its length.
std::size_t append_escaped(std::string& out, std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    unsigned code = byte(0) & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        code = (code << 6) | (byte(i) & 0x3FU);
    if (code < 0x10000) {
        append_unit(out, code);
    } else {
        append_unit(out, 0xD800 + ((code - 0x10000) >> 10));
        append_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    return length;
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            i += append_escaped(out, text.substr(i));
            continue;
        }
        ++i;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            default:
                if (c < 0x20 || c == 0x7F) {
                    append_unit(out, static_cast<unsigned char>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void append_float(std::string& out, double number) {
    if (!std::isfinite(number)) throw Error(ErrorKind::kInput, "JSON has no infinity and no NaN");
    append_real(out, number);
}

void append_number(std::string& out, std::string_view spelling) {
    if (is_integer_spelling(spelling)) {
        out += spelling == "-0" ? std::string_view("0") : spelling;
        return;
    }
    double number = 0;
    if (nearest_real(spelling, number) == RealFit::kOverflows)
        throw Error(ErrorKind::kInput, cat("the number ", spelling, " is too large"));
    append_float(out, number);
}

// True if json.dumps would spell every number in it so; makes floats reals, so that every format can write them.
bool settle_numbers(Value& value, Arena& arena) {
    if (value.kind() == ValueKind::kNumber) {
        const std::string_view spelling = value.as_text();
        if (is_integer_spelling(spelling)) return spelling != "-0";
        double number = 0;
        if (nearest_real(spelling, number) == RealFit::kOverflows) return false;
        value = Value::real(number);
        return true;
    }
    if (value.kind() != ValueKind::kList && value.kind() != ValueKind::kMap) return true;
    if (value.kind() == ValueKind::kMap && has_repeated_key(value)) return false;
    bool all = true;
    value = with_items(value, arena, [&](Value item) {
        all = all && settle_numbers(item, arena);
        return item;
    });
    return all;
}

bool is_python_digits(std::string_view text, std::string_view digits) {
    return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

std::string without_underscores(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '_') out += c;
    }
    return out;
}

Value integer_of(std::string_view digits, int base, bool negative, Arena& arena) {
    std::int64_t number = 0;
    const auto [rest, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (problem != std::errc() || rest != digits.data() + digits.size()) {
        if (base != 10) throw Error(ErrorKind::kInput, cat("the number ", digits, " has more than 64 bits"));
        std::string_view trimmed = digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
        return Value::number(arena.copy(cat(negative ? "-" : "", trimmed)));
    }
    return Value::integer(negative ? -number : number);
}

// 12:30:45, and 12:30:45.5 for a float.
std::optional<Value> sexagesimal(std::string_view text, bool negative) {
    if (text.find(':') == std::string_view::npos || text[0] < '0' || text[0] > '9') return std::nullopt;
    const std::size_t dot = text.find('.');
    const std::string whole = without_underscores(text.substr(0, dot));
    std::int64_t sum = 0;
    std::size_t at = 0;
    for (bool first = true; at <= whole.size(); first = false) {
        const std::size_t colon = std::min(whole.find(':', at), whole.size());
        const std::string_view part = std::string_view(whole).substr(at, colon - at);
        if (!is_python_digits(part, "0123456789") ||
            (!first && (part.size() > 2 || (part.size() == 2 && part[0] > '5'))) ||
            (first && dot == std::string_view::npos && part[0] == '0') || part.size() > 12) {
            return std::nullopt;
        }
        sum = sum * 60 + std::stoll(std::string(part));
        at = colon + 1;
        if (sum > std::numeric_limits<std::int64_t>::max() / 100) return std::nullopt;
    }
    if (dot == std::string_view::npos) return Value::integer(negative ? -sum : sum);
    const std::string fraction = without_underscores(text.substr(dot + 1));
    if (!fraction.empty() && !is_python_digits(fraction, "0123456789")) return std::nullopt;
    double number = 0;
    const std::string spelling = cat("0.", fraction.empty() ? "0" : fraction);
    std::from_chars(spelling.data(), spelling.data() + spelling.size(), number);
    number += static_cast<double>(sum);
    return Value::real(negative ? -number : number);
}

// The float of YAML 1.1: a dot, and an exponent only with a sign.
std::optional<Value> yaml_float(std::string_view text, bool negative) {
    const std::string lower = to_lower(text);
    if (text == ".inf" || text == ".Inf" || text == ".INF") {
        const double infinity = std::numeric_limits<double>::infinity();
        return Value::real(negative ? -infinity : infinity);
    }
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || text == ".") return std::nullopt;
    const std::size_t e = lower.find('e');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view fraction = text.substr(dot + 1, std::min(e, text.size()) - dot - 1);
    constexpr std::string_view kDigits = "0123456789_";
    if (!whole.empty() && (whole[0] == '_' || !is_python_digits(whole, kDigits))) return std::nullopt;
    if (whole.empty() && fraction.empty()) return std::nullopt;
    if (!fraction.empty() && !is_python_digits(fraction, kDigits)) return std::nullopt;
    if (e != std::string::npos) {
        const std::string_view exponent = text.substr(e + 1);
        if (exponent.size() < 2 || (exponent[0] != '+' && exponent[0] != '-') ||
            !is_python_digits(exponent.substr(1), "0123456789")) {
            return std::nullopt;
        }
    }
    std::string spelling = without_underscores(text);
    if (spelling[0] == '.') spelling.insert(0, "0");
    if (const std::size_t plus = spelling.find('+'); plus != std::string::npos) spelling.erase(plus, 1);
    double number = 0;
    std::from_chars(spelling.data(), spelling.data() + spelling.size(), number);
    return Value::real(negative ? -number : number);
}

}  // namespace

Value resolve_plain_python(std::string_view text, Arena& arena) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Value::null();
    if (text.size() > 1) {  // "y" and "n" alone are texts to PyYAML
        if (const auto flag = plain_boolean(text)) return Value::boolean(*flag);
    }
    if (text == ".nan" || text == ".NaN" || text == ".NAN")
        return Value::real(std::numeric_limits<double>::quiet_NaN());
    const bool negative = text[0] == '-';
    const std::string_view number = text.substr(negative || text[0] == '+' ? 1 : 0);
    if (number.empty()) return Value::text(text);
    if (const auto real = yaml_float(number, negative)) return *real;
    if (const auto time = sexagesimal(number, negative)) return *time;
    const std::string digits = without_underscores(number);
    if (digits.empty() || number[0] == '_') return Value::text(text);
    if (digits == "0") return Value::integer(0);
    if (digits.size() > 2 && digits[0] == '0' && digits[1] == 'b' && is_python_digits(number.substr(2), "01_"))
        return integer_of(std::string_view(digits).substr(2), 2, negative, arena);
    if (digits.size() > 2 && digits[0] == '0' && digits[1] == 'x' &&
        is_python_digits(number.substr(2), "0123456789abcdefABCDEF_")) {
        return integer_of(std::string_view(digits).substr(2), 16, negative, arena);
    }
    if (digits[0] == '0' && is_python_digits(number, "01234567_")) return integer_of(digits, 8, negative, arena);
    if (digits[0] != '0' && is_python_digits(number, "0123456789_")) return integer_of(digits, 10, negative, arena);
    return Value::text(text);
}

namespace {

void append_document(std::string& out, const Value& value, bool exact) {
    switch (value.kind()) {
        case ValueKind::kNull:
            out += "null";
            return;
        case ValueKind::kBoolean:
            out += value.as_boolean() ? "true" : "false";
            return;
        case ValueKind::kInteger:
            return append(out, value.as_integer());
        case ValueKind::kUnsigned:
            return append(out, value.as_unsigned());
        case ValueKind::kReal:
            return append_float(out, value.as_real());
        case ValueKind::kNumber:
            if (exact) return append(out, value.as_text());
            return append_number(out, value.as_text());
        case ValueKind::kText:
        case ValueKind::kDecimal:
            return append_string(out, value.as_text());
        case ValueKind::kPlain: {
            Arena arena;
            return append_document(out, resolve_plain_python(value.as_text(), arena), exact);
        }
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kJson:
            throw Error(ErrorKind::kInput, cat("a JSON document cannot hold ", describe(value)));
        case ValueKind::kList:
        case ValueKind::kMap:
            break;
    }
    const bool map = value.kind() == ValueKind::kMap;
    out += map ? '{' : '[';
    for (std::size_t i = 0; i < value.item_count(); ++i) {
        if (i > 0) out += map && i % 2 == 1 ? ": " : ", ";
        append_document(out, value.items()[i], exact);
    }
    out += map ? '}' : ']';
}

}  // namespace

void append_python_json(std::string& out, const Value& value) {
    append_document(out, value, false);
}

void append_python_json_exactly(std::string& out, const Value& value) {
    append_document(out, value, true);
}

Value with_exact_numbers(const Value& value, Arena& arena) {
    switch (value.kind()) {
        case ValueKind::kPlain: {
            const Value resolved = resolve_plain_python(value.as_text(), arena);
            const bool number = resolved.kind() == ValueKind::kReal || resolved.kind() == ValueKind::kInteger;
            const bool exact = number && value.as_text().find_first_of("eE") == std::string_view::npos;
            if (exact && is_number(value.as_text())) return Value::number(value.as_text());
            return with_exact_numbers(resolved, arena);
        }
        case ValueKind::kReal:
            if (!std::isfinite(value.as_real())) throw Error(ErrorKind::kInput, "JSON has no infinity and no NaN");
            return value;
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kJson:
            throw Error(ErrorKind::kInput, cat("a JSON document cannot hold ", describe(value)));
        case ValueKind::kList:
        case ValueKind::kMap:
            return with_items(value, arena, [&](const Value& item) { return with_exact_numbers(item, arena); });
        default:
            return value;
    }
}

std::optional<Value> python_json_tree(std::string_view stored, Arena& arena) {
    Value tree;
    try {
        tree = parse_json_value(stored, arena);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (!settle_numbers(tree, arena)) return std::nullopt;
    std::string again;
    again.reserve(stored.size());
    append_python_json(again, tree);
    return again == stored ? std::optional(tree) : std::nullopt;
}

}  // namespace dbfixture
