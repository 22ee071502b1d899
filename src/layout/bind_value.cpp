// SPDX-License-Identifier: MIT
#include "layout/bind_value.h"

#include <cmath>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"
#include "layout/bind_strict.h"
#include "model/exact_number.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

[[noreturn]] void refuse(const Value& value, const Column& column, std::string_view why, std::string hint = {}) {
    throw not_for_column(value, column, why, std::move(hint));
}

bool is_numeric(ColumnType type) {
    return type == ColumnType::kInteger || type == ColumnType::kReal || type == ColumnType::kNumeric ||
           type == ColumnType::kBoolean;
}

Value bind_real(const Value& value, const Column& column, std::string_view spelling) {
    double number = 0;
    switch (nearest_real(spelling, number)) {
        case RealFit::kExact:
            return Value::real(number);
        case RealFit::kOverflows:
            refuse(value, column, "the number is too large");
        case RealFit::kLosesDigits:
            refuse(value, column, "digits would be lost",
                   "write it as a string in a text column, or with at most 15 digits");
    }
    return {};
}

Value bind_number(const Value& value, const Column& column, std::string_view spelling) {
    if (column.type == ColumnType::kText) return Value::text(spelling);
    if (!is_integer_spelling(spelling)) return bind_real(value, column, spelling);
    if (column.type == ColumnType::kReal) return bind_real(value, column, spelling);
    const auto integer = exact_integer(spelling);
    if (!integer) refuse(value, column, "integers have 64 bits", "write it as a string in a text column");
    return Value::integer(*integer);
}

Value bind_boolean(const Value& value, const Column& column) {
    if (column.type != ColumnType::kBoolean && column.type != ColumnType::kUntyped) {
        refuse(value, column, "it is not a boolean column",
               column.type == ColumnType::kText ? "write a string" : "write 1 or 0");
    }
    return Value::boolean(value.as_boolean());
}

Value bind_core(const Value& value, const Column& column, Arena& arena);

// A text for a boolean column is read as a YAML scalar.
Value bind_boolean_text(const Value& value, const Column& column, Arena& arena) {
    if (const auto flag = plain_boolean(value.as_text())) return Value::boolean(*flag);
    const Value core = resolve_plain_core(value.as_text());
    if (core.kind() == ValueKind::kText || core.is_null()) {
        refuse(value, column, "it is no boolean", "write true or false; {\"$text\": ...} stores a text as it is");
    }
    return bind_core(core, column, arena);
}

// The database turns a text that spells a number into that number: only if it keeps all digits.
Value bind_text(const Value& value, const Column& column, Arena& arena) {
    if (column.type == ColumnType::kBoolean) return bind_boolean_text(value, column, arena);
    if (is_numeric(column.type)) {
        std::string_view text = value.as_text();
        while (!text.empty() && text.front() == ' ')
            text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ')
            text.remove_suffix(1);
        if (!text.empty() && text.front() == '+') text.remove_prefix(1);
        const Value core = resolve_plain_core(text);
        const bool in_64_bits = core.kind() == ValueKind::kNumber && is_whole_number(text) && exact_integer(text);
        if (core.kind() == ValueKind::kNumber && is_number(text) && !(in_64_bits && column.type != ColumnType::kReal))
            bind_real(value, column, text);
    }
    return Value::text(value.as_text());
}

// Dates and times, which SQLite calls numeric, are no numbers.
bool is_for_numbers(const Column& column) {
    if (column.type == ColumnType::kInteger || column.type == ColumnType::kReal) return true;
    if (column.type != ColumnType::kNumeric) return false;
    const std::string declared = to_lower(column.declared);
    return declared.find("num") != std::string::npos || declared.find("dec") != std::string::npos;
}

Value bind_plain(const Value& value, const Column& column, Arena& arena) {
    const std::string_view text = value.as_text();
    if (is_plain_null(text)) return Value::null();
    if (column.type == ColumnType::kText) return Value::text(text);
    if (column.type == ColumnType::kBoolean) return bind_boolean_text(value, column, arena);
    const Value core = resolve_plain_core(text);
    if (core.kind() == ValueKind::kText && is_for_numbers(column) && is_number_elsewhere(text)) {
        refuse(value, column, "one YAML reader takes it for a number, another for a text",
               "write the number as in JSON, or the text in quotes");
    }
    return bind_core(core, column, arena);
}

// A list or a map means its JSON text; a JSON text is one already.
Value bind_document(const Value& value, const Column& column, Arena& arena) {
    if (column.type == ColumnType::kBoolean || column.type == ColumnType::kInteger ||
        column.type == ColumnType::kReal) {
        refuse(value, column, cat("it is ", kind_name(value.kind())));
    }
    if (value.kind() == ValueKind::kJson) return Value::text(value.as_text());
    if (value.kind() == ValueKind::kMap) resolve_dollar_form(value, arena);  // throws for a form that is none
    std::string text;
    append_json_text(text, value);
    return Value::text(arena.copy(text));
}

Value bind_core(const Value& value, const Column& column, Arena& arena) {
    switch (value.kind()) {
        case ValueKind::kNull:
        case ValueKind::kInteger:
        case ValueKind::kUnsigned:
        case ValueKind::kBytes:
        case ValueKind::kEncodedText:
            return value;
        case ValueKind::kReal:
            if (std::isnan(value.as_real())) refuse(value, column, "no column keeps NaN", "write null");
            if (column.type == ColumnType::kText) refuse(value, column, "it would become a text");
            return value;
        case ValueKind::kBoolean:
            return bind_boolean(value, column);
        case ValueKind::kDecimal:
        case ValueKind::kNumber:
            return bind_number(value, column, value.as_text());
        case ValueKind::kText:
            return bind_text(value, column, arena);
        case ValueKind::kPlain:
            return bind_plain(value, column, arena);
        case ValueKind::kJson:
        case ValueKind::kList:
        case ValueKind::kMap:
            return bind_document(value, column, arena);
    }
    return value;
}

}  // namespace

Error not_for_column(const Value& value, const Column& column, std::string_view why, std::string hint) {
    return Error(ErrorKind::kInput, cat("column ", quote(column.name), " (",
                                        column.declared.empty() ? "no type" : cat("type ", column.declared),
                                        ") cannot take ", describe(value), ": ", why))
        .with_hint(std::move(hint));
}

Value bind_value(const Value& value, const Column& column, Arena& arena) {
    if (column.strict) return bind_strict(value, column, arena).set_line(value.line());
    return bind_core(value, column, arena).set_line(value.line());
}

std::int64_t bind_row_number(const Value& value) {
    if (value.kind() == ValueKind::kInteger) return value.as_integer();
    if (value.kind() == ValueKind::kNumber || value.kind() == ValueKind::kPlain || value.kind() == ValueKind::kText) {
        if (const auto integer = exact_integer(value.as_text())) return *integer;
    }
    throw Error(ErrorKind::kInput, cat("a row number must be an integer, not ", describe(value)));
}

Value bind_typed_key(std::string_view text, const Column& column, Arena& arena) {
    const bool plain = column.type != ColumnType::kText;
    return bind_value(plain ? Value::plain(text) : Value::text(text), column, arena);
}

}  // namespace dbfixture
