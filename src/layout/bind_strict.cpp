// SPDX-License-Identifier: MIT
#include "layout/bind_strict.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"
#include "layout/bind_value.h"
#include "model/exact_number.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

class StrictBinder {
  public:
    StrictBinder(const Value& value, const Column& column, Arena& arena)
        : value_(value), column_(column), arena_(arena) {}

    Value bind();

  private:
    Value boolean();
    Value integer();
    Value unsigned_integer();
    Value real();
    Value decimal();
    Value text();
    Value bytes();
    Value json();
    Value engine_text(std::string_view what, bool takes_numbers);

    [[noreturn]] void refuse(std::string_view why, std::string hint = {}) const {
        throw not_for_column(value_, column_, why, std::move(hint));
    }
    bool is_scalar_text() const { return value_.kind() == ValueKind::kText || value_.kind() == ValueKind::kPlain; }
    bool is_document() const {
        return value_.kind() == ValueKind::kList || value_.kind() == ValueKind::kMap ||
               value_.kind() == ValueKind::kJson;
    }
    std::string_view keep(const std::string& made) { return arena_.copy(made); }
    // A number in JSON's grammar; refuses what is none.
    std::string_view number();
    std::string_view document();

    const Value& value_;
    const Column& column_;
    Arena& arena_;
};

// Digits with a sign, a point or an exponent as JSON would spell them: +.50 is 0.50. Nothing for what is none.
std::optional<std::string> json_spelling(std::string_view text) {
    std::string out;
    const auto take = [&text](std::string_view any_of) {
        const bool taken = !text.empty() && any_of.find(text[0]) != std::string_view::npos;
        if (taken) text.remove_prefix(1);
        return taken;
    };
    const auto digits = [&text] {
        const std::string_view found = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
        text.remove_prefix(found.size());
        return found;
    };
    if (text.starts_with('-')) out += '-';
    take("+-");
    std::string_view whole = digits();
    const std::string_view fraction = take(".") ? digits() : std::string_view();
    if (whole.empty() && fraction.empty()) return std::nullopt;
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    append(out, cat(whole.empty() ? "0" : whole, fraction.empty() ? "" : ".", fraction));
    append(out, text);
    if (!is_number(out)) return std::nullopt;
    return out;
}

// Texts are looked at as plain scalars: +1, 0x1F and 012 are numbers there.
std::string_view StrictBinder::number() {
    Value core = value_;
    if (is_scalar_text()) {
        if (is_number(value_.as_text())) return value_.as_text();
        if (const auto spelling = json_spelling(value_.as_text())) return keep(*spelling);
        core = resolve_plain_core(value_.as_text());
    }
    switch (core.kind()) {
        case ValueKind::kNumber:
        case ValueKind::kDecimal:
            if (is_number(core.as_text())) return core.as_text();
            break;
        case ValueKind::kInteger:
            return keep(cat(core.as_integer()));
        case ValueKind::kUnsigned:
            return keep(cat(core.as_unsigned()));
        case ValueKind::kReal: {
            if (!std::isfinite(core.as_real())) break;
            std::string out;
            append_real(out, core.as_real());
            return keep(out);
        }
        case ValueKind::kBoolean:
            refuse("it is not a boolean column", "write 1 or 0");
        default:
            break;
    }
    if (value_.kind() == ValueKind::kPlain && is_number_elsewhere(value_.as_text())) {
        refuse("one YAML reader takes it for a number, another for a text", "write the number as in JSON");
    }
    refuse("it is no number");
}

Value StrictBinder::boolean() {
    if (value_.kind() == ValueKind::kBoolean) return value_;
    if (is_scalar_text()) {
        if (const auto flag = plain_boolean(value_.as_text())) return Value::boolean(*flag);
    }
    if (is_scalar_text() || value_.kind() == ValueKind::kNumber || value_.kind() == ValueKind::kInteger) {
        const std::string_view spelling = value_.kind() == ValueKind::kInteger ? number() : value_.as_text();
        if (spelling == "0" || spelling == "1") return Value::boolean(spelling == "1");
    }
    if (column_.also_numbers) return integer();
    refuse("it is no boolean", "write true or false");
}

Value StrictBinder::integer() {
    const std::string_view spelling = number();
    if (!is_integer_spelling(spelling)) refuse("it is no integer");
    const auto integer = exact_integer(spelling);
    if (!integer) refuse("integers have 64 bits", "write it as a string in a text column");
    return Value::integer(*integer);
}

Value StrictBinder::unsigned_integer() {
    const std::string_view spelling = number();
    if (!is_integer_spelling(spelling)) refuse("it is no integer");
    if (const auto integer = exact_integer(spelling)) {
        if (*integer < 0) refuse("the column is unsigned");
        return Value::integer(*integer);
    }
    std::uint64_t large = 0;
    const auto parsed = std::from_chars(spelling.data(), spelling.data() + spelling.size(), large);
    if (spelling.starts_with('-')) refuse("the column is unsigned");
    if (parsed.ec != std::errc()) refuse("integers have 64 bits", "write it as a string in a text column");
    return Value::unsigned_integer(large);
}

Value StrictBinder::real() {
    if (value_.kind() == ValueKind::kReal) return value_;  // the engine says whether it has infinities and NaN
    if (value_.kind() == ValueKind::kPlain) {
        const Value core = resolve_plain_core(value_.as_text());
        if (core.kind() == ValueKind::kReal) return core;
    }
    const std::string_view spelling = number();
    double out = 0;
    switch (nearest_real(spelling, out)) {
        case RealFit::kExact:
            break;
        case RealFit::kOverflows:
            refuse("the number is too large");
        case RealFit::kLosesDigits:
            refuse("digits would be lost", "write it as a string in a text column, or with at most 15 digits");
    }
    return Value::real(out);
}

Value StrictBinder::decimal() {
    // Where a decimal may be of any size, an engine may have these too.
    const bool special = value_.kind() == ValueKind::kReal && !std::isfinite(value_.as_real());
    const std::string_view word = special            ? keep(describe(value_))
                                  : is_scalar_text() ? value_.as_text()
                                                     : std::string_view();
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") return Value::decimal(word);
    const std::string_view spelling = number();
    if (column_.precision == 0) return Value::decimal(spelling);
    switch (fit_decimal(spelling, column_.precision, column_.scale)) {
        case DecimalFit::kExact:
            break;
        case DecimalFit::kOverflows:
            refuse("the number is too large");
        case DecimalFit::kLosesDigits:
            refuse("digits would be lost",
                   cat("the column keeps ", plural(static_cast<std::uint64_t>(std::max(column_.scale, 0)), "digit"),
                       " behind the point"));
    }
    return Value::decimal(spelling);
}

std::string_view StrictBinder::document() {
    if (value_.kind() == ValueKind::kJson) return value_.as_text();
    if (value_.kind() == ValueKind::kMap) resolve_dollar_form(value_, arena_);  // throws for a form that is none
    std::string out;
    append_json_text(out, value_);
    return keep(out);
}

Value StrictBinder::text() {
    switch (value_.kind()) {
        case ValueKind::kText:
        case ValueKind::kPlain:
        case ValueKind::kNumber:
        case ValueKind::kDecimal:
            return Value::text(value_.as_text());
        case ValueKind::kInteger:
        case ValueKind::kUnsigned:
            return Value::text(number());
        case ValueKind::kList:
        case ValueKind::kMap:
        case ValueKind::kJson:
            return Value::text(document());
        case ValueKind::kEncodedText:
            if (value_.encoding() == TextEncoding::kUtf8 && is_valid_utf8(value_.as_text()))
                return Value::text(value_.as_text());
            refuse("it is not valid UTF-8");
        case ValueKind::kBoolean:
            refuse("it is not a boolean column", "write a string");
        case ValueKind::kReal:
            refuse("it would become a text");
        case ValueKind::kBytes:
        case ValueKind::kNull:
            break;
    }
    refuse("it is no text");
}

Value StrictBinder::bytes() {
    if (value_.kind() != ValueKind::kBytes) refuse("it is no binary data", "write {\"$binary\": BASE64}");
    return value_;
}

Value StrictBinder::json() {
    if (value_.kind() == ValueKind::kBytes || value_.kind() == ValueKind::kEncodedText) refuse("it is no JSON");
    if (value_.kind() == ValueKind::kReal && !std::isfinite(value_.as_real())) refuse("JSON has no such number");
    return Value::text(document());
}

Value StrictBinder::engine_text(std::string_view what, bool takes_numbers) {
    if (is_scalar_text()) return Value::text(value_.as_text());
    if (value_.kind() == ValueKind::kEncodedText && value_.encoding() == TextEncoding::kUtf8 &&
        is_valid_utf8(value_.as_text()))
        return Value::text(value_.as_text());
    if (column_.also_bytes && value_.kind() == ValueKind::kBytes) return value_;
    if (takes_numbers && !is_document()) return Value::text(number());
    refuse(cat("it is ", kind_name(value_.kind()), ", not ", what),
           column_.type == ColumnType::kArray ? "write the engine's own text of the array as a string"
                                              : "write it as a string");
}

Value StrictBinder::bind() {
    if (value_.is_null()) return value_;
    if (value_.kind() == ValueKind::kPlain && is_plain_null(value_.as_text())) return Value::null();
    switch (column_.type) {
        case ColumnType::kBoolean:
            return boolean();
        case ColumnType::kInteger:
            return integer();
        case ColumnType::kUnsigned:
            return unsigned_integer();
        case ColumnType::kReal:
            return real();
        case ColumnType::kNumeric:
        case ColumnType::kDecimal:
            return decimal();
        case ColumnType::kText:
        case ColumnType::kUntyped:
            return text();
        case ColumnType::kBytes:
            return bytes();
        case ColumnType::kDate:
            return engine_text("a date", false);
        case ColumnType::kTime:
            return engine_text("a time", false);
        case ColumnType::kTimestamp:
        case ColumnType::kTimestampZone:
            return engine_text("a date and time", false);
        case ColumnType::kInterval:
            return engine_text("an interval", false);
        case ColumnType::kUuid:
            return engine_text("a UUID", false);
        case ColumnType::kJson:
            return json();
        case ColumnType::kArray:
            return engine_text("an array", false);
        case ColumnType::kEngineText:
            return engine_text("a text", true);
    }
    return text();
}

}  // namespace

Value bind_strict(const Value& value, const Column& column, Arena& arena) {
    return StrictBinder(value, column, arena).bind();
}

}  // namespace dbfixture
