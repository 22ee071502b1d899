// SPDX-License-Identifier: MIT
#include "diff_value.h"

#include <cmath>

#include "base/base64.h"
#include "base/cat.h"

namespace dbfixture {
namespace {

std::string json_string(std::string_view text) {
    std::string out;
    append_json_text(out, Value::text(text));
    return out;
}

}  // namespace

std::string fixture_json(const Value& value) {
    std::string out;
    switch (value.kind()) {
        case ValueKind::kReal:
            if (!std::isfinite(value.as_real())) return cat("{\"$real\": \"", describe(value), "\"}");
            append_real(out, value.as_real());
            return out;
        case ValueKind::kDecimal:
            return json_string(value.as_text());
        case ValueKind::kBytes:
            out = "{\"$binary\": \"";
            append_base64(out, value.as_text());
            return out + "\"}";
        case ValueKind::kEncodedText:
            out = "{\"$text\": \"";
            append_base64(out, value.as_text());
            out += '"';
            if (value.encoding() != TextEncoding::kUtf8)
                append(out, cat(", \"encoding\": \"", encoding_name(value.encoding()), "\""));
            return out + "}";
        default:
            append_json_text(out, value);
            return out;
    }
}

std::string fixture_json(const Slot& slot) {
    if (slot.state == SlotState::kPattern) return cat("{\"$match\": ", json_string(slot.value.as_text()), "}");
    return fixture_json(slot.value);
}

std::string key_json(const ComparedTable& table, const DiffRow& row) {
    if (row.row_number && table.key_size == 0) return cat(*row.row_number);
    if (!row.has_key || table.is_bag || table.key_size == 0) return "null";
    if (table.key_size == 1) return fixture_json(row.slots[0]);
    std::string out = "[";
    for (std::size_t i = 0; i < table.key_size; ++i)
        append(out, cat(i > 0 ? ", " : "", fixture_json(row.slots[i])));
    return out + "]";
}

}  // namespace dbfixture
