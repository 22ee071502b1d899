// SPDX-License-Identifier: MIT
#include "db/mariadb/value_send.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/value_text.h"
#include "model/exact_number.h"

namespace dbfixture::mariadb {
namespace {

[[noreturn]] void refuse(const Value& value, const Column& column, std::string_view why, std::string hint = {}) {
    Error error(ErrorKind::kInput, cat("column ", quote(column.name), " cannot hold ", describe(value), ": ", why));
    error.where.column = column.name;
    error.where.line = value.line();
    error.hint = std::move(hint);
    throw error;
}

std::uint64_t characters(std::string_view text) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_number(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" +-"), text.size()));
    return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

bool is_member(std::string_view text, const ColumnFacts& facts) {
    return std::ranges::find(facts.members, text) != facts.members.end();
}

// Of a set: names with commas between them.
bool are_members(std::string_view text, const ColumnFacts& facts) {
    for (std::size_t comma; (comma = text.find(',')) != std::string_view::npos; text.remove_prefix(comma + 1)) {
        if (!is_member(text.substr(0, comma), facts)) return false;
    }
    return is_member(text, facts);
}

void check_text(const Value& value, const Column& column, const ColumnFacts& facts) {
    const std::string_view text = value.as_text();
    // A text that names no member but is a number would be taken for the place of one.
    if (!facts.members.empty() && is_number(text) && !are_members(text, facts))
        refuse(value, column, "it is none of its members");
    if (!text.ends_with(' ') || !facts.members.empty()) return;
    if (facts.fixed) refuse(value, column, "a column of type char drops spaces at the end");
    const std::uint64_t size = facts.counts_bytes ? text.size() : characters(text);
    if (facts.longest && size > *facts.longest) refuse(value, column, "it is too long");
}

void check_bytes(const Value& value, const Column& column, const ColumnFacts& facts) {
    if (!facts.longest) return;
    const std::size_t size = value.as_text().size();
    if (facts.fixed && size < *facts.longest)
        refuse(value, column, cat("a column of type binary has always ", plural(*facts.longest, "byte")));
    if (size > *facts.longest) refuse(value, column, "it is too long");
}

void check_decimal(const Value& value, const Column& column) {
    const std::string_view text = value.as_text();
    if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos)
        refuse(value, column, "MariaDB has no such number");
    switch (fit_decimal(text, column.precision, column.scale)) {
        case DecimalFit::kExact:
            return;
        case DecimalFit::kOverflows:
            refuse(value, column, "the number is too large");
        case DecimalFit::kLosesDigits:
            refuse(value, column, "digits would be lost");
    }
}

bool is_float(double number) {
    const auto single = static_cast<float>(number);
    if (!std::isfinite(single)) return true;  // the server says that it is too large
    char digits[32];
    double shortest = 0;
    std::from_chars(digits, std::to_chars(digits, digits + sizeof digits, single).ptr, shortest);
    return shortest == number || static_cast<double>(single) == number;
}

// The float itself: the largest one's shortest decimal is beyond it.
Value as_float(const Value& value) {
    const auto single = static_cast<float>(value.as_real());
    if (!std::isfinite(single)) return value;
    Value out = Value::real(static_cast<double>(single));
    return out.set_line(value.line());
}

// What a column of `scale` digits makes of a number, as the server computes it (Field_real::truncate_double): a value
// that it holds may be another one than the nearest to its decimals.
double rounded_by_server(double number, int scale) {
    const double whole = std::floor(number);
    const double power = std::pow(10.0, scale);
    return whole + std::rint((number - whole) * power) / power;
}

void check_real(const Value& value, const Column& column, const ColumnFacts& facts) {
    const double number = value.as_real();
    if (!std::isfinite(number)) refuse(value, column, "MariaDB has no such number");
    if (number == 0 && std::signbit(number)) refuse(value, column, "MariaDB has no negative zero", "write 0.0");
    if (facts.form == ValueForm::kFloat && !is_float(number))
        refuse(value, column, "digits would be lost", "a column of type double keeps them");
    if (!facts.real_scale) return;
    const double kept = rounded_by_server(number, *facts.real_scale);
    if (facts.form == ValueForm::kFloat ? static_cast<float>(kept) == static_cast<float>(number) : kept == number)
        return;
    std::string text;
    append_real(text, number);
    if (fit_decimal(text, 300, *facts.real_scale) == DecimalFit::kLosesDigits)
        refuse(value, column, "digits would be lost");
}

Value moment(const Value& value, const Column& column, const ColumnFacts& facts, Arena& arena) {
    try {
        Value out = Value::text(checked_moment(facts.form, value.as_text(), facts.digits, arena));
        return out.set_line(value.line());
    } catch (Error& error) {
        error.message = cat("column ", quote(column.name), " does not take the value: ", error.message);
        error.where.column = column.name;
        error.where.line = value.line();
        throw;
    }
}

}  // namespace

Value sendable(const Value& value, const Column& column, const ColumnFacts& facts, Arena& arena) {
    if (value.is_null()) return value;
    switch (facts.form) {
        case ValueForm::kDate:
        case ValueForm::kTime:
        case ValueForm::kDateTime:
        case ValueForm::kTimestamp:
            if (!value.has_text()) refuse(value, column, "it is no text");
            return moment(value, column, facts, arena);
        case ValueForm::kYear:
            if (value.kind() != ValueKind::kInteger) refuse(value, column, "it is no integer");
            if (value.as_integer() != 0 && (value.as_integer() < 1901 || value.as_integer() > 2155))
                refuse(value, column, "years are 1901 to 2155, and 0");
            return value;
        case ValueForm::kDecimal:
            if (value.has_text()) check_decimal(value, column);
            return value;
        case ValueForm::kFloat:
        case ValueForm::kReal:
            if (value.kind() != ValueKind::kReal) return value;
            check_real(value, column, facts);
            return facts.form == ValueForm::kFloat ? as_float(value) : value;
        case ValueForm::kBytes:
            if (value.kind() != ValueKind::kBytes) refuse(value, column, "it is no binary data");
            check_bytes(value, column, facts);
            return value;
        case ValueForm::kEnum:
        case ValueForm::kText:
            if (value.kind() == ValueKind::kEncodedText &&
                (value.encoding() != TextEncoding::kUtf8 || !is_valid_utf8(value.as_text())))
                refuse(value, column, "it is not valid UTF-8");
            if (value.has_text() && value.kind() != ValueKind::kBytes) check_text(value, column, facts);
            return value;
        default:
            return value;
    }
}

}  // namespace dbfixture::mariadb
