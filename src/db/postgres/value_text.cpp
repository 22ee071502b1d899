// SPDX-License-Identifier: MIT
#include "db/postgres/value_text.h"

#include <charconv>
#include <cmath>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::postgres {
namespace {

// As the server writes them: digits, perhaps behind a minus.
std::int64_t integer_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::uint64_t number = 0;
    for (std::size_t at = negative ? 1 : 0; at < text.size(); ++at)
        number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
    return static_cast<std::int64_t>(negative ? 0 - number : number);
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

// "\x6162": bytea_output is hex.
std::string_view bytes_of(std::string_view text, Arena& arena) {
    if (!text.starts_with("\\x")) return text;
    text.remove_prefix(2);
    char* const out = arena.allocate(text.size() / 2);
    for (std::size_t at = 0; at + 1 < text.size(); at += 2)
        out[at / 2] = static_cast<char>(hex_digit(text[at]) << 4 | hex_digit(text[at + 1]));
    return {out, text.size() / 2};
}

// Spaces outside of strings mean nothing.
std::string_view compact(std::string_view json, Arena& arena) {
    char* const out = arena.allocate(json.size());
    std::size_t size = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (c == ' ' && !in_string) continue;
        if (c == '"') in_string = !in_string;
        out[size++] = c;
        if (c == '\\' && at + 1 < json.size()) out[size++] = json[++at];
    }
    return {out, size};
}

void append_bytes(std::string& out, std::string_view bytes) {
    out += "\\x";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kHexDigits[byte >> 4];
        out += kHexDigits[byte & 15];
    }
}

// No type of the server holds a NUL.
void append_checked(std::string& out, std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw Error(ErrorKind::kInput, "the text has a NUL character, which PostgreSQL cannot store")
            .with_hint("a bytea column can hold it, as {\"$binary\": BASE64}");
    }
    append(out, text);
}

}  // namespace

Value read_value(ValueForm form, std::string_view text, Arena& arena) {
    switch (form) {
        case ValueForm::kBoolean:
            return Value::boolean(text == "t");
        case ValueForm::kInteger:
            return Value::integer(integer_of(text));
        case ValueForm::kReal: {
            double number = std::nan("");
            std::from_chars(text.data(), text.data() + text.size(), number);
            return Value::real(number);
        }
        case ValueForm::kDecimal:
            return Value::decimal(text);
        case ValueForm::kBytes:
            return Value::bytes(bytes_of(text, arena));
        case ValueForm::kJsonb:
            return Value::text(compact(text, arena));
        case ValueForm::kText:
            break;
    }
    return Value::text(text);
}

Value read_unchecked_value(ValueForm form, std::string_view text, Arena& arena) {
    const Value value = read_value(form, text, arena);
    if (value.kind() != ValueKind::kText || is_valid_utf8(value.as_text())) return value;
    return Value::encoded_text(value.as_text(), TextEncoding::kUtf8);
}

void append_value_text(std::string& out, const Value& value) {
    switch (value.kind()) {
        case ValueKind::kBoolean:
            out += value.as_boolean() ? 't' : 'f';
            return;
        case ValueKind::kInteger:
            append(out, value.as_integer());
            return;
        case ValueKind::kUnsigned:
            append(out, value.as_unsigned());
            return;
        case ValueKind::kReal:
            if (std::isfinite(value.as_real())) {
                append_real(out, value.as_real());
            } else {
                append(out, std::isnan(value.as_real()) ? "NaN" : value.as_real() > 0 ? "Infinity" : "-Infinity");
            }
            return;
        case ValueKind::kBytes:
            append_bytes(out, value.as_text());
            return;
        case ValueKind::kDecimal:
        case ValueKind::kNumber:
            append(out, value.as_text());
            return;
        case ValueKind::kText:
        case ValueKind::kPlain:
        case ValueKind::kJson:
            append_checked(out, value.as_text());
            return;
        case ValueKind::kEncodedText:
            if (value.encoding() != TextEncoding::kUtf8 || !is_valid_utf8(value.as_text()))
                throw Error(ErrorKind::kInput, "the text is not valid UTF-8");
            append_checked(out, value.as_text());
            return;
        case ValueKind::kNull:
        case ValueKind::kList:
        case ValueKind::kMap:
            break;
    }
    throw Error(ErrorKind::kInput, cat("a column cannot hold ", kind_name(value.kind())));
}

void append_array_item(std::string& out, const Value& value) {
    if (value.is_null()) {
        out += "NULL";
        return;
    }
    out += '"';
    for (const char c : value_text(value)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace dbfixture::postgres
