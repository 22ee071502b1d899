// SPDX-License-Identifier: MIT
// The reading half of value.h.
#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"
#include "fixture/json/text.h"
#include "layout/bind_value.h"
#include "layout/django/ip_address.h"
#include "layout/django/python_json.h"
#include "layout/django/server_items.h"
#include "layout/django/server_value.h"
#include "layout/django/time.h"
#include "layout/django/value.h"
#include "model/exact_number.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_numeric(ColumnType type) {
    return type == ColumnType::kInteger || type == ColumnType::kReal || type == ColumnType::kNumeric ||
           type == ColumnType::kBoolean;
}

class DjangoReader {
  public:
    DjangoReader(const Value& value, const Column& column, const DjangoReadRules& rules, DjangoReadNotes& notes,
                 Arena& arena)
        : value_(value), column_(column), rules_(rules), notes_(notes), arena_(arena) {}

    Value text();
    Value boolean();
    Value integer();
    Value real();
    Value decimal();
    Value date();
    Value datetime();
    Value time();
    Value duration();
    Value uuid();
    Value json();
    Value binary();
    Value address();
    Value array();
    Value hstore();
    Value range();
    // Raw forms, which are for every field. Nothing if the value is none.
    std::optional<Value> as_raw();

  private:
    [[noreturn]] void refuse(std::string_view what, std::string hint = {}) const {
        throw Error(ErrorKind::kInput, cat("the value ", describe(value_), " ", what)).with_hint(std::move(hint));
    }
    bool is_text() const { return value_.kind() == ValueKind::kText || value_.kind() == ValueKind::kPlain; }
    Value keep(std::string_view text) const { return Value::text(arena_.copy(text)); }
    // A number as it is spelled: of a number, a text, or a plain scalar.
    std::optional<std::string> spelling() const;
    Value whole_number(std::string_view spelling) const;
    // A list or a map, or the JSON that a text spells; nothing for another text.
    std::optional<Value> document() const;
    std::string uuid_text(std::string hex) const;
    ReadItem item_reader() const;

    const Value& value_;
    const Column& column_;
    const DjangoReadRules& rules_;
    DjangoReadNotes& notes_;
    Arena& arena_;
};

std::optional<Value> DjangoReader::as_raw() {
    switch (value_.kind()) {
        case ValueKind::kNull:
            return value_;
        case ValueKind::kEncodedText: {
            double number = 0;
            const std::string_view text = value_.as_text();
            if (!is_numeric(column_.type) || !is_number(text)) return value_;
            if (is_integer_spelling(text)) {
                if (const auto whole = exact_integer(text)) return Value::integer(*whole);
            }
            if (nearest_real(text, number) == RealFit::kExact) return Value::real(number);
            return value_;
        }
        case ValueKind::kJson:
            return bind_value(value_, column_, arena_);
        case ValueKind::kPlain:
            if (is_plain_null(value_.as_text())) return Value::null();
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

Value DjangoReader::text() {
    std::string out;
    switch (value_.kind()) {
        case ValueKind::kText:
        case ValueKind::kPlain:
        case ValueKind::kNumber:
        case ValueKind::kDecimal:
            return Value::text(value_.as_text());
        case ValueKind::kBoolean:
            return Value::text(value_.as_boolean() ? "True" : "False");
        case ValueKind::kInteger:
            append(out, value_.as_integer());
            return keep(out);
        case ValueKind::kUnsigned:
            append(out, value_.as_unsigned());
            return keep(out);
        case ValueKind::kReal:
            if (!std::isfinite(value_.as_real())) return keep(describe(value_));
            append_real(out, value_.as_real());
            return keep(out);
        case ValueKind::kList:
            // XML: <natural> in a field that is no relation. Django joins the texts.
            if (rules_.is_xml) {
                for (std::size_t i = 0; i < value_.item_count(); ++i) {
                    if (value_.items()[i].has_text()) out += value_.items()[i].as_text();
                }
                return keep(out);
            }
            append_python_json(out, value_);
            return keep(out);
        case ValueKind::kMap:
            append_python_json(out, resolve_dollar_form(value_, arena_));  // throws for a form that is none
            return keep(out);
        default:
            return value_;
    }
}

Value DjangoReader::boolean() {
    if (value_.kind() == ValueKind::kBoolean) return value_;
    std::string_view text;
    if (value_.kind() == ValueKind::kPlain) {
        if (const auto flag = plain_boolean(value_.as_text())) return Value::boolean(*flag);
    }
    if (value_.has_text()) text = rules_.is_xml ? trim(value_.as_text()) : value_.as_text();
    if (value_.kind() == ValueKind::kInteger)
        text = value_.as_integer() == 1 ? "1" : value_.as_integer() == 0 ? "0" : "x";
    const bool empty_item =
        (value_.kind() == ValueKind::kList || value_.kind() == ValueKind::kMap) && value_.item_count() == 0;
    if ((value_.kind() == ValueKind::kText && text.empty()) || empty_item) {
        if (column_.nullable) return Value::null();
    }
    if (text == "1" || text == "t" || text == "True" || text == "1.0") return Value::boolean(true);
    if (text == "0" || text == "f" || text == "False" || text == "0.0") return Value::boolean(false);
    refuse("is neither true nor false",
           value_.kind() == ValueKind::kText ? "write true or false, or as text \"True\" or \"False\"" : "");
}

std::optional<std::string> DjangoReader::spelling() const {
    switch (value_.kind()) {
        case ValueKind::kNumber:
        case ValueKind::kDecimal:
            return std::string(value_.as_text());
        case ValueKind::kText:
        case ValueKind::kPlain: {
            std::string out;
            const std::string_view text = trim(value_.as_text());
            for (std::size_t i = 0; i < text.size(); ++i) {
                const bool between = text[i] == '_' && i > 0 && i + 1 < text.size() && text[i - 1] != '_';
                if (!between) out += text[i];
            }
            if (out.starts_with('+')) out.erase(0, 1);
            // Python takes zeros in front and an empty side of the dot.
            std::string_view digits = out;
            const bool negative = digits.starts_with('-');
            if (negative) digits.remove_prefix(1);
            while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
                digits.remove_prefix(1);
            std::string result = cat(negative ? "-" : "", digits.starts_with('.') ? "0" : "", digits);
            if (result.ends_with('.') && result.size() > 1) result.pop_back();
            return result;
        }
        case ValueKind::kInteger:
            return cat(value_.as_integer());
        case ValueKind::kUnsigned:
            return cat(value_.as_unsigned());
        case ValueKind::kBoolean:
            if (rules_.is_key) return std::nullopt;
            return value_.as_boolean() ? "1" : "0";
        case ValueKind::kReal: {
            if (!std::isfinite(value_.as_real())) return std::nullopt;
            std::string out;
            append_real(out, value_.as_real());
            return out;
        }
        default:
            return std::nullopt;
    }
}

Value DjangoReader::whole_number(std::string_view spelling) const {
    if (!is_integer_spelling(spelling)) {  // 1.0 is 1; 1.5 would lose its fraction
        double number = 0;
        const bool fits = nearest_real(spelling, number) == RealFit::kExact && std::trunc(number) == number &&
                          std::abs(number) < 9.0e15;
        if (!fits || is_text()) refuse("is not an integer");
        return Value::integer(static_cast<std::int64_t>(number));
    }
    const auto integer = exact_integer(spelling);
    if (!integer) refuse("does not fit into 64 bits");
    return Value::integer(*integer);
}

Value DjangoReader::integer() {
    if (value_.kind() == ValueKind::kReal && !std::isfinite(value_.as_real())) return value_;  // raw
    const auto digits = spelling();
    if (digits && is_number(*digits)) return whole_number(*digits);
    refuse("is not an integer");
}

Value DjangoReader::real() {
    if (value_.kind() == ValueKind::kReal && std::isinf(value_.as_real())) return value_;
    if (is_text()) {
        std::string text = to_lower(trim(value_.as_text()));
        const bool negative = text.starts_with('-');
        if (negative || text.starts_with('+')) text.erase(0, 1);
        const double infinity = std::numeric_limits<double>::infinity();
        if (text == "inf" || text == "infinity" || text == ".inf") return Value::real(negative ? -infinity : infinity);
        if ((text == "nan" || text == ".nan") && column_.strict)
            return Value::real(std::numeric_limits<double>::quiet_NaN());
        if (text == "nan" || text == ".nan") refuse("cannot be kept: the database has no NaN", "write null");
    }
    const auto digits = spelling();
    if (!digits || !is_number(*digits)) refuse("is not a number");
    double number = 0;
    switch (nearest_real(*digits, number)) {
        case RealFit::kExact:
            return Value::real(number);
        case RealFit::kOverflows:
            refuse("is too large");
        case RealFit::kLosesDigits:
            break;
    }
    if (is_integer_spelling(*digits)) refuse("would lose digits in a floating-point field");
    return Value::real(number);  // more digits than a float has: Python, too, takes the nearest
}

Value DjangoReader::decimal() {
    const auto digits = spelling();
    if (value_.kind() == ValueKind::kReal && std::isinf(value_.as_real())) return value_;  // raw
    if (!digits || !is_number(*digits) || value_.kind() == ValueKind::kBoolean) refuse("is not a decimal number");
    if (column_.strict) return bind_value(Value::number(arena_.copy(*digits)), column_, arena_);
    if (is_integer_spelling(*digits)) {
        if (const auto whole = exact_integer(*digits)) return Value::integer(*whole);
    }
    double number = 0;
    switch (nearest_real(*digits, number)) {
        case RealFit::kExact:
            return Value::real(number);
        case RealFit::kOverflows:
            refuse("is too large");
        case RealFit::kLosesDigits:
            refuse("has more digits than SQLite keeps");
    }
    return {};
}

Value DjangoReader::date() {
    if (!is_text()) refuse("is not a date", "write it as \"2020-01-31\"");
    const auto date = parse_date(trim(value_.as_text()));
    if (!date) refuse("is not a date", "write it as \"2020-01-31\"");
    return keep(*date);
}

Value DjangoReader::datetime() {
    constexpr auto kHint = "write it as \"2020-01-31T01:02:03Z\"";
    if (!is_text()) refuse("is not a date and time", kHint);
    const auto moment = parse_datetime(trim(value_.as_text()));
    if (!moment) refuse("is not a date and time", kHint);
    if (column_.type == ColumnType::kTimestamp && !is_moment_without_zone(column_))
        return keep(server_time(moment->stored, column_.type));
    if (column_.type == ColumnType::kTimestampZone) {
        const bool naive = !moment->has_offset;
        if (naive && !rules_.time_zone.empty()) return keep(cat(moment->stored, " ", rules_.time_zone));
        if (naive && rules_.use_tz == false) {
            refuse("has no time zone, and the database keeps moments",
                   "write the project's TIME_ZONE as \"time_zone: ZONE\" under \"django:\" in the config");
        }
        if (naive) ++notes_.naive_times;
        return keep(server_time(moment->stored, column_.type));
    }
    if (moment->has_offset && rules_.use_tz == false) {
        refuse("has a time zone, but the config says \"use_tz: false\"",
               "take the offset off, or write \"use_tz: true\" under \"django:\"");
    }
    if (!moment->has_offset && rules_.use_tz != false) ++notes_.naive_times;
    return keep(column_.strict ? server_time(moment->stored, column_.type) : moment->stored);
}

Value DjangoReader::time() {
    const std::string_view text = is_text() ? trim(value_.as_text()) : std::string_view();
    const auto time = parse_time(text);
    if (!time) refuse("is not a time", "write it as \"01:02:03\"");
    return column_.strict ? keep(server_time(*time, column_.type)) : keep(*time);
}

Value DjangoReader::duration() {
    const std::string_view text = is_text() ? trim(value_.as_text()) : std::string_view();
    const auto span = parse_duration(text);
    if (!span) refuse("is not a duration", "write it as \"3 04:05:06\" (days and time) or as \"P3DT4H5M6S\"");
    return column_.type == ColumnType::kInterval ? keep(interval_text(*span)) : Value::integer(*span);
}

std::string DjangoReader::uuid_text(std::string hex) const {
    for (const std::size_t dash : {20U, 16U, 12U, 8U}) {
        if (column_.type == ColumnType::kUuid) hex.insert(dash, 1, '-');
    }
    return hex;
}

Value DjangoReader::uuid() {
    std::string hex;
    if (value_.kind() == ValueKind::kNumber && is_integer_spelling(value_.as_text())) {
        std::uint64_t number = 0;
        const std::string_view digits = value_.as_text();
        const auto [rest, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (problem == std::errc() && rest == digits.data() + digits.size()) {
            constexpr std::string_view kHex = "0123456789abcdef";
            hex.assign(32, '0');
            for (std::size_t i = 0; i < 16; ++i, number >>= 4)
                hex[31 - i] = kHex[number & 0xF];
            return keep(uuid_text(hex));
        }
    }
    if (!is_text()) refuse("is not a UUID");
    std::string text = to_lower(trim(value_.as_text()));
    for (const std::string_view prefix : {"urn:", "uuid:"}) {
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
    }
    for (const char c : text) {
        if (c != '-' && c != '{' && c != '}') hex += c;
    }
    if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) refuse("is not a UUID");
    return keep(uuid_text(hex));
}

Value DjangoReader::json() {
    std::string out;
    Value document = value_;
    if (rules_.is_xml && value_.kind() == ValueKind::kText) {
        try {
            document = parse_json_value(trim(value_.as_text()), arena_);
        } catch (const Error& error) {
            refuse(cat("is not a JSON document: ", error.message));
        }
    }
    if (column_.type == ColumnType::kJson) {  // which keeps digits that Python does not
        append_json_text(out, with_exact_numbers(document, arena_));
    } else {
        append_python_json(out, document);
    }
    return keep(out);
}

std::optional<Value> DjangoReader::document() const {
    if (value_.kind() == ValueKind::kList || value_.kind() == ValueKind::kMap) return value_;
    if (!is_text()) refuse("is no JSON of a list or a map");
    const std::string_view text = trim(value_.as_text());
    if (json_problem(text)) return std::nullopt;
    const Value document = parse_json_value(text, arena_);
    if (document.kind() == ValueKind::kList || document.kind() == ValueKind::kMap) return document;
    return std::nullopt;
}

ReadItem DjangoReader::item_reader() const {
    return [this](const Value& item, const Column& column) {
        return read_django_value(item, django_form(column), column, {rules_.use_tz, false, false, rules_.time_zone},
                                 notes_, arena_);
    };
}

// Neither does the server's own text of an array or a map begin like JSON of them; that of a range may be a list's.
Value DjangoReader::array() {
    const auto list = document();
    return list && list->kind() == ValueKind::kList ? keep(array_text(*list, column_, item_reader(), arena_))
                                                    : bind_value(value_, column_, arena_);
}

Value DjangoReader::hstore() {
    const auto map = document();
    return map && map->kind() == ValueKind::kMap ? keep(hstore_text(*map)) : bind_value(value_, column_, arena_);
}

Value DjangoReader::range() {
    const auto range = document();
    return range && (range->kind() == ValueKind::kMap || !is_text()) ? keep(range_text(*range, column_, item_reader()))
                                                                     : bind_value(value_, column_, arena_);
}

Value DjangoReader::binary() {
    if (value_.kind() == ValueKind::kBytes) return value_;
    if (value_.kind() == ValueKind::kReal || value_.kind() == ValueKind::kInteger) return value_;
    if (value_.kind() == ValueKind::kNumber) return bind_value(value_, column_, arena_);
    if (!is_text()) refuse("is not base64");
    const auto bytes = decode_base64(rules_.is_xml ? trim(value_.as_text()) : value_.as_text());
    if (!bytes) refuse("is not base64");
    return Value::bytes(arena_.copy(*bytes));
}

Value DjangoReader::address() {
    if (!is_text()) refuse("is not an IP address");
    const auto address = normal_address(value_.as_text());
    if (!address) refuse("is not an IPv6 address");
    return keep(*address);
}

}  // namespace

bool spells_duration(const Value& value) {
    if (value.kind() != ValueKind::kText && value.kind() != ValueKind::kPlain) return false;
    const std::string_view text = trim(value.as_text());
    return parse_duration(text).has_value();
}

Value read_django_value(const Value& value, DjangoForm form, const Column& column, const DjangoReadRules& rules,
                        DjangoReadNotes& notes, Arena& arena) {
    DjangoReader reader(value, column, rules, notes, arena);
    if (const auto raw = reader.as_raw()) return *raw;
    if (value.kind() == ValueKind::kBytes && form != DjangoForm::kBinary) return value;
    switch (form) {
        case DjangoForm::kText:
            return reader.text();
        case DjangoForm::kBoolean:
            return reader.boolean();
        case DjangoForm::kInteger:
            return reader.integer();
        case DjangoForm::kReal:
            return reader.real();
        case DjangoForm::kDecimal:
            return reader.decimal();
        case DjangoForm::kDate:
            return reader.date();
        case DjangoForm::kDateTime:
            return reader.datetime();
        case DjangoForm::kTime:
            return reader.time();
        case DjangoForm::kDuration:
            return reader.duration();
        case DjangoForm::kUuid:
            return reader.uuid();
        case DjangoForm::kJson:
            return reader.json();
        case DjangoForm::kBinary:
            return reader.binary();
        case DjangoForm::kIpAddress:
            return reader.address();
        case DjangoForm::kArray:
            return reader.array();
        case DjangoForm::kHstore:
            return reader.hstore();
        case DjangoForm::kRange:
            return reader.range();
        case DjangoForm::kAny:
            break;
    }
    return bind_value(value, column, arena);
}

}  // namespace dbfixture
