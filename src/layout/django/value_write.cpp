// SPDX-License-Identifier: MIT
// The writing half of value.h.
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "base/cat.h"
#include "base/error.h"
#include "fixture/dollar_forms.h"
#include "fixture/json/text.h"
#include "layout/django/ip_address.h"
#include "layout/django/python_json.h"
#include "layout/django/server_items.h"
#include "layout/django/server_value.h"
#include "layout/django/time.h"
#include "layout/django/value.h"
#include "model/exact_number.h"

namespace dbfixture {
namespace {

Value in_arena(std::string_view text, Arena& arena) {
    return Value::text(arena.copy(text));
}

// Written as {"$text": base64}, and read back as this text or this number, whatever the field is.
Value raw_text(std::string_view text, Arena& arena) {
    return Value::encoded_text(arena.copy(text), TextEncoding::kUtf8);
}

// What a form cannot say.
Value raw(const Value& stored, Arena& arena) {
    std::string text;
    switch (stored.kind()) {
        case ValueKind::kText:
            return raw_text(stored.as_text(), arena);
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            append(text, stored.as_integer());
            return raw_text(text, arena);
        case ValueKind::kReal:
            if (!std::isfinite(stored.as_real())) return stored;  // its own form
            append_real(text, stored.as_real());
            return raw_text(text, arena);
        default:
            return stored;  // null, bytes, text that is not valid: each has its own form
    }
}

Value write_text(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    return stored.kind() == ValueKind::kText ? stored : raw(stored, arena);
}

Value write_boolean(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    return stored.kind() == ValueKind::kBoolean || stored.is_null() ? stored : raw(stored, arena);
}

Value write_integer(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    return stored.kind() == ValueKind::kInteger ? stored : raw(stored, arena);
}

Value write_real(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    if (stored.kind() != ValueKind::kReal) return raw(stored, arena);
    if (std::isfinite(stored.as_real())) return stored;
    // A text that Django takes for a float.
    return Value::text(std::isnan(stored.as_real()) ? "NaN" : stored.as_real() > 0 ? "Infinity" : "-Infinity");
}

// Django writes as many digits as the field has decimal places. Digits beyond them stay: they are in the database.
void add_zeros(std::string& number, int places) {
    const std::size_t dot = number.find('.');
    if (places < 0 || dot == std::string::npos || number.find('e') != std::string::npos) return;
    if (number.size() - dot - 1 < static_cast<std::size_t>(places))
        number.append(static_cast<std::size_t>(places) - (number.size() - dot - 1), '0');
    if (places == 0 && number.ends_with(".0")) number.resize(dot);
}

Value in_arena_or_raw(const std::optional<std::string>& text, const Value& stored, Arena& arena) {
    return text ? in_arena(*text, arena) : raw(stored, arena);
}

Value write_decimal(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (stored.kind() == ValueKind::kDecimal)
        return is_number(stored.as_text()) ? Value::text(stored.as_text()) : raw_text(stored.as_text(), arena);
    std::array<char, 32> digits{};
    if (stored.kind() == ValueKind::kInteger && rules.places <= 0) {
        const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), stored.as_integer()).ptr;
        return in_arena({digits.data(), static_cast<std::size_t>(end - digits.data())}, arena);
    }
    std::string text;
    if (stored.kind() == ValueKind::kInteger) {
        append(text, cat(stored.as_integer(), ".0"));
    } else if (stored.kind() == ValueKind::kReal && std::isfinite(stored.as_real())) {
        append_real(text, stored.as_real());
    } else {
        return raw(stored, arena);
    }
    add_zeros(text, rules.places);
    return in_arena(text, arena);
}

Value write_date(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    return stored.kind() == ValueKind::kText && is_stored_date(stored.as_text()) ? stored : raw(stored, arena);
}

// With all six digits of its fraction, or none, if it is a time that has fewer: as Django would store it.
std::optional<std::string> completed(const Value& stored, const DjangoWriteRules& rules,
                                     bool (*is_stored)(std::string_view)) {
    if (stored.kind() != ValueKind::kText || rules.exact) return std::nullopt;
    auto text = complete_fraction(stored.as_text());
    if (text && !is_stored(*text)) text.reset();
    return text;
}

Value write_time(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (rules.server != nullptr && stored.kind() == ValueKind::kText)
        return in_arena_or_raw(django_time(stored.as_text()), stored, arena);
    if (stored.kind() == ValueKind::kText && is_stored_time(stored.as_text())) return stored;
    const auto text = completed(stored, rules, [](std::string_view t) { return is_stored_time(t); });
    return text ? in_arena(*text, arena) : raw(stored, arena);
}

Value write_datetime(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (rules.server != nullptr && stored.kind() == ValueKind::kText) {
        auto moment = django_moment(stored.as_text());
        if (moment && rules.use_tz && is_moment_without_zone(*rules.server)) *moment += 'Z';
        return in_arena_or_raw(moment, stored, arena);
    }
    std::string_view text;
    std::optional<std::string> other;
    if (stored.kind() == ValueKind::kText && is_stored_datetime(stored.as_text())) {
        text = stored.as_text();
    } else {
        other = completed(stored, rules, [](std::string_view t) { return is_stored_datetime(t); });
        if (!other) return raw(stored, arena);
        text = *other;
    }
    const std::size_t size = text.size() + (rules.use_tz ? 1 : 0);
    char* out = arena.allocate(size);
    std::memcpy(out, text.data(), text.size());
    out[10] = 'T';
    if (rules.use_tz) out[text.size()] = 'Z';
    return Value::text({out, size});
}

Value write_duration(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    const bool interval = rules.server != nullptr && stored.kind() == ValueKind::kText;
    const auto span = stored.kind() == ValueKind::kInteger ? std::optional(stored.as_integer())
                      : interval                           ? interval_span(stored.as_text())
                                                           : std::nullopt;
    if (!span) return raw(stored, arena);
    std::string text;
    append_duration(text, *span);
    return in_arena(text, arena);
}

Value write_uuid(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (rules.server != nullptr && rules.server->type == ColumnType::kUuid) return stored;
    const std::string_view hex = stored.kind() == ValueKind::kText ? stored.as_text() : std::string_view();
    if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return raw(stored, arena);
    char* out = arena.allocate(36);
    char* to = out;
    for (std::size_t i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) *to++ = '-';
        *to++ = hex[i];
    }
    return Value::text({out, 36});
}

// A document that is not in Python's spelling, or that would be taken for another value: as the text it is stored as.
// (A number would become one in a column of numeric affinity.)
Value json_as_text(const Value& stored, Arena& arena) {
    const std::string_view text = stored.as_text();
    const bool number = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
    return number || json_problem(text) ? raw(stored, arena) : Value::json(text);
}

// A server's documents: as they are read back, in one spelling or in that of their text.
Value write_server_json(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    Value document;
    try {
        document = parse_json_value(stored.as_text(), arena);
    } catch (const Error&) {
        return Value::json(stored.as_text());  // with a number that no real can hold
    }
    std::string text;
    if (rules.server->declared == "json") append_json_text(text, document);
    const bool other_spelling = !text.empty() && text != stored.as_text();
    const bool form = document.kind() == ValueKind::kMap && is_dollar_form(document);
    if (document.is_null() || form || other_spelling) return Value::json(stored.as_text());
    if (!rules.json_text) return document;
    text.clear();
    append_python_json_exactly(text, document);
    return in_arena(text, arena);
}

Value write_json(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (stored.kind() != ValueKind::kText) return raw(stored, arena);
    if (rules.server != nullptr && rules.server->type == ColumnType::kJson)
        return write_server_json(stored, rules, arena);
    const auto tree = python_json_tree(stored.as_text(), arena);
    if (!tree) return json_as_text(stored, arena);
    if (rules.json_text) return stored;
    // As a tree, the document null would be NULL, and one like {"$text": ...} its own raw form.
    const bool is_form = tree->kind() == ValueKind::kMap && is_dollar_form(*tree);
    return tree->is_null() || is_form ? json_as_text(stored, arena) : *tree;
}

Value write_binary(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    if (stored.kind() == ValueKind::kInteger || stored.kind() == ValueKind::kReal) return stored;
    if (stored.kind() != ValueKind::kBytes) return raw(stored, arena);
    std::string encoded;
    append_base64(encoded, stored.as_text());
    return in_arena(encoded, arena);
}

Value write_address(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    if (stored.kind() != ValueKind::kText) return raw(stored, arena);
    return normal_address(stored.as_text()) == stored.as_text() ? stored : raw(stored, arena);
}

Value write_array(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (stored.kind() != ValueKind::kText || rules.server == nullptr) return raw(stored, arena);
    return in_arena_or_raw(django_array(stored.as_text(), *rules.server, arena), stored, arena);
}

Value write_hstore(const Value& stored, const DjangoWriteRules&, Arena& arena) {
    if (stored.kind() != ValueKind::kText) return raw(stored, arena);
    return in_arena_or_raw(django_hstore(stored.as_text(), arena), stored, arena);
}

Value write_range(const Value& stored, const DjangoWriteRules& rules, Arena& arena) {
    if (stored.kind() != ValueKind::kText || rules.server == nullptr) return raw(stored, arena);
    return in_arena_or_raw(django_range(stored.as_text(), *rules.server, arena), stored, arena);
}

Value write_any(const Value& stored, const DjangoWriteRules&, Arena&) {
    return stored;
}

}  // namespace

DjangoWriteRules rules_for(const DjangoField& field, DjangoWriteRules rules) {
    rules.places = field.places;
    rules.server = field.server;
    // What other rows refer to, and what refers to it, must stay the same value.
    if (field.target || field.is_key) rules.exact = true;
    return rules;
}

DjangoWrite writer_of(DjangoForm form) {
    switch (form) {
        case DjangoForm::kText:
            return write_text;
        case DjangoForm::kBoolean:
            return write_boolean;
        case DjangoForm::kInteger:
            return write_integer;
        case DjangoForm::kReal:
            return write_real;
        case DjangoForm::kDecimal:
            return write_decimal;
        case DjangoForm::kDate:
            return write_date;
        case DjangoForm::kDateTime:
            return write_datetime;
        case DjangoForm::kTime:
            return write_time;
        case DjangoForm::kDuration:
            return write_duration;
        case DjangoForm::kUuid:
            return write_uuid;
        case DjangoForm::kJson:
            return write_json;
        case DjangoForm::kBinary:
            return write_binary;
        case DjangoForm::kIpAddress:
            return write_address;
        case DjangoForm::kArray:
            return write_array;
        case DjangoForm::kHstore:
            return write_hstore;
        case DjangoForm::kRange:
            return write_range;
        case DjangoForm::kAny:
            break;
    }
    return write_any;
}

}  // namespace dbfixture
