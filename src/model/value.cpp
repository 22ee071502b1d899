// SPDX-License-Identifier: MIT
#include "model/value.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/cat.h"
#include "base/text.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) >= 0x20) {
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\b') {
            out += "\\b";
        } else if (c == '\f') {
            out += "\\f";
        } else {
            out += {'\\', 'u', '0', '0', kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
        }
    }
    out += '"';
}

}  // namespace

bool same_value(const Value& a, const Value& b) noexcept {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case ValueKind::kNull:
            return true;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return a.as_integer() == b.as_integer();
        case ValueKind::kUnsigned:
            return a.as_unsigned() == b.as_unsigned();
        case ValueKind::kReal:
            return std::bit_cast<std::uint64_t>(a.as_real()) == std::bit_cast<std::uint64_t>(b.as_real());
        case ValueKind::kEncodedText:
            return a.encoding() == b.encoding() && a.as_text() == b.as_text();
        case ValueKind::kDecimal:
        case ValueKind::kText:
        case ValueKind::kBytes:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson:
            return a.as_text() == b.as_text();
        case ValueKind::kList:
        case ValueKind::kMap:
            if (a.item_count() != b.item_count()) return false;
            for (std::size_t i = 0; i < a.item_count(); ++i) {
                if (!same_value(a.items()[i], b.items()[i])) return false;
            }
            return true;
    }
    return false;
}

std::string describe(const Value& value) {
    std::string out;
    switch (value.kind()) {
        case ValueKind::kBytes:
        case ValueKind::kEncodedText:
            return cat(value.as_text().size(), " bytes of ",
                       value.kind() == ValueKind::kBytes ? "binary data" : "encoded text");
        case ValueKind::kReal:
            if (!std::isfinite(value.as_real()))
                return std::isnan(value.as_real()) ? "NaN" : value.as_real() > 0 ? "Infinity" : "-Infinity";
            append_real(out, value.as_real());
            return out;
        case ValueKind::kPlain:
            if (resolve_plain_core(value.as_text()).kind() == ValueKind::kNumber) return std::string(value.as_text());
            return quote(value.as_text());
        case ValueKind::kText:
        case ValueKind::kJson:
            return quote(value.as_text());
        default:
            append_json_text(out, value);
            if (out.size() > 60) out = cat(std::string_view(out).substr(0, 57), "...");
            return out;
    }
}

std::string_view encoding_name(TextEncoding encoding) noexcept {
    switch (encoding) {
        case TextEncoding::kUtf8:
            return "utf-8";
        case TextEncoding::kUtf16le:
            return "utf-16le";
        case TextEncoding::kUtf16be:
            return "utf-16be";
    }
    return "";
}

std::optional<TextEncoding> find_encoding(std::string_view name) noexcept {
    for (const TextEncoding encoding : {TextEncoding::kUtf8, TextEncoding::kUtf16le, TextEncoding::kUtf16be}) {
        if (equals_ignore_case(name, encoding_name(encoding))) return encoding;
    }
    return std::nullopt;
}

std::string_view kind_name(ValueKind kind) noexcept {
    switch (kind) {
        case ValueKind::kNull:
            return "null";
        case ValueKind::kBoolean:
            return "a boolean";
        case ValueKind::kInteger:
        case ValueKind::kUnsigned:
            return "an integer";
        case ValueKind::kReal:
        case ValueKind::kDecimal:
        case ValueKind::kNumber:
            return "a number";
        case ValueKind::kText:
        case ValueKind::kEncodedText:
            return "a text";
        case ValueKind::kPlain:
            return "a plain scalar";
        case ValueKind::kJson:
            return "a JSON text";
        case ValueKind::kBytes:
            return "bytes";
        case ValueKind::kList:
            return "a list";
        case ValueKind::kMap:
            return "a map";
    }
    return "";
}

void append_real(std::string& out, double d) {
    // Python's repr switches to an exponent at 1e16 and below 1e-4; std::to_chars alone would choose whichever is
    // shorter.
    char text[64];
    const double size = std::fabs(d);
    const bool plain = d == 0 || (size >= 1e-4 && size < 1e16);
    const auto end =
        std::to_chars(text, text + sizeof text, d, plain ? std::chars_format::fixed : std::chars_format::scientific)
            .ptr;
    const std::string_view written(text, static_cast<std::size_t>(end - text));
    out += written;
    if (plain && written.find('.') == std::string_view::npos) out += ".0";
}

void append_json_text(std::string& out, const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            out += "null";
            break;
        case ValueKind::kBoolean:
            out += value.as_boolean() ? "true" : "false";
            break;
        case ValueKind::kInteger:
            append(out, value.as_integer());
            break;
        case ValueKind::kUnsigned:
            append(out, value.as_unsigned());
            break;
        case ValueKind::kReal:
            append_real(out, value.as_real());
            break;
        case ValueKind::kDecimal:
        case ValueKind::kNumber:
            out += value.as_text();
            break;
        case ValueKind::kPlain:
            append_json_text(out, resolve_plain_json(value.as_text()));
            break;
        case ValueKind::kText:
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kJson:
            append_json_string(out, value.as_text());
            break;
        case ValueKind::kList:
        case ValueKind::kMap: {
            const bool map = value.kind() == ValueKind::kMap;
            out += map ? '{' : '[';
            for (std::size_t i = 0; i < value.item_count(); ++i) {
                if (i > 0) out += map && i % 2 == 1 ? ':' : ',';
                append_json_text(out, value.items()[i]);
            }
            out += map ? '}' : ']';
            break;
        }
    }
}

}  // namespace dbfixture
