// SPDX-License-Identifier: MIT
#include "ops/diff/packed_row.h"

#include <cmath>
#include <limits>

#include "model/packed.h"

namespace dbfixture {
namespace {

constexpr std::uint8_t kAbsentByte = 0xFF, kPatternByte = 0xFE;  // else it is the value's kind

Value text_of(ValueKind kind, std::string_view text, TextEncoding encoding) {
    switch (kind) {
        case ValueKind::kDecimal:
            return Value::decimal(text);
        case ValueKind::kEncodedText:
            return Value::encoded_text(text, encoding);
        case ValueKind::kBytes:
            return Value::bytes(text);
        default:
            return Value::text(text);
    }
}

std::string_view take_text(std::string_view& bytes) {
    const auto size = unpack<std::uint32_t>(bytes);
    if (size != UINT32_MAX) {
        const std::string_view text = bytes.substr(0, size);
        bytes.remove_prefix(size);
        return text;
    }
    const auto large = unpack<std::uint64_t>(bytes);
    const std::string_view text = bytes.substr(0, large);
    bytes.remove_prefix(large);
    return text;
}

void put_text(std::string& out, std::string_view text) {
    if (text.size() < UINT32_MAX) {
        pack(out, static_cast<std::uint32_t>(text.size()));
    } else {
        pack(out, UINT32_MAX);
        pack(out, static_cast<std::uint64_t>(text.size()));
    }
    out.append(text);
}

Value take_value(std::string_view& bytes, ValueKind kind) {
    switch (kind) {
        case ValueKind::kNull:
            return Value::null();
        case ValueKind::kBoolean:
            return Value::boolean(unpack<std::int64_t>(bytes) != 0);
        case ValueKind::kInteger:
            return Value::integer(unpack<std::int64_t>(bytes));
        case ValueKind::kUnsigned:
            return Value::unsigned_integer(unpack<std::uint64_t>(bytes));
        case ValueKind::kReal:
            return Value::real(unpack<double>(bytes));
        default:
            break;
    }
    const auto encoding = kind == ValueKind::kEncodedText ? unpack<TextEncoding>(bytes) : TextEncoding::kUtf8;
    return text_of(kind, take_text(bytes), encoding);
}

}  // namespace

void pack_row_number(std::string& out, std::optional<std::int64_t> number) {
    out.push_back(number ? '\1' : '\0');
    if (number) pack(out, *number);
}

void pack_value_slot(std::string& out, const Value& value) {
    out.push_back(static_cast<char>(value.kind()));
    switch (value.kind()) {
        case ValueKind::kNull:
            return;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
        case ValueKind::kUnsigned:
            return pack(out, value.as_unsigned());  // the bits of whichever number it is
        case ValueKind::kReal:
            return pack(out, std::isnan(value.as_real()) ? std::numeric_limits<double>::quiet_NaN() : value.as_real());
        default:
            break;
    }
    if (value.kind() == ValueKind::kEncodedText) pack(out, value.encoding());
    put_text(out, value.as_text());
}

void pack_slot(std::string& out, const Slot& slot) {
    if (slot.state == SlotState::kValue) return pack_value_slot(out, slot.value);
    out.push_back(static_cast<char>(slot.state == SlotState::kAbsent ? kAbsentByte : kPatternByte));
    if (slot.state == SlotState::kPattern) put_text(out, slot.value.as_text());
}

void unpack_row(std::string_view bytes, DiffRow& row) {
    row.row_number.reset();
    if (unpack<std::uint8_t>(bytes) != 0) row.row_number = unpack<std::int64_t>(bytes);
    row.slots.clear();
    while (!bytes.empty()) {
        const auto first = unpack<std::uint8_t>(bytes);
        if (first == kAbsentByte) {
            row.slots.emplace_back();
        } else if (first == kPatternByte) {
            row.slots.push_back({SlotState::kPattern, Value::text(take_text(bytes))});
        } else {
            row.slots.push_back({SlotState::kValue, take_value(bytes, static_cast<ValueKind>(first))});
        }
    }
}

}  // namespace dbfixture
