// SPDX-License-Identifier: MIT
#include "model/packed.h"

#include <new>

namespace dbfixture {
namespace {

Value text_of_kind(ValueKind kind, std::string_view text, TextEncoding encoding) {
    switch (kind) {
        case ValueKind::kDecimal:
            return Value::decimal(text);
        case ValueKind::kEncodedText:
            return Value::encoded_text(text, encoding);
        case ValueKind::kBytes:
            return Value::bytes(text);
        case ValueKind::kNumber:
            return Value::number(text);
        case ValueKind::kPlain:
            return Value::plain(text);
        case ValueKind::kJson:
            return Value::json(text);
        default:
            return Value::text(text);
    }
}

}  // namespace

void pack_value(std::string& out, const Value& value) {
    pack(out, value.kind());
    pack(out, value.line());
    if (value.has_text()) {
        pack(out, value.encoding());
        pack(out, value.as_text().size());
        out.append(value.as_text());
    } else if (value.kind() == ValueKind::kList || value.kind() == ValueKind::kMap) {
        pack(out, value.item_count());
        for (std::size_t i = 0; i < value.item_count(); ++i)
            pack_value(out, value.items()[i]);
    } else if (!value.is_null()) {
        pack(out, value.as_unsigned());  // the bits of whichever number it is
    }
}

Value unpack_value(std::string_view& bytes, Arena& arena) {
    const auto kind = unpack<ValueKind>(bytes);
    const auto line = unpack<std::uint32_t>(bytes);
    Value value;
    switch (kind) {
        case ValueKind::kNull:
            break;
        case ValueKind::kBoolean:
            value = Value::boolean(unpack<std::uint64_t>(bytes) != 0);
            break;
        case ValueKind::kInteger:
            value = Value::integer(unpack<std::int64_t>(bytes));
            break;
        case ValueKind::kUnsigned:
            value = Value::unsigned_integer(unpack<std::uint64_t>(bytes));
            break;
        case ValueKind::kReal:
            value = Value::real(unpack<double>(bytes));
            break;
        case ValueKind::kList:
        case ValueKind::kMap: {
            const auto count = unpack<std::size_t>(bytes);
            auto* const items = arena.make<Value>(count);
            for (std::size_t i = 0; i < count; ++i)
                items[i] = unpack_value(bytes, arena);
            value = kind == ValueKind::kList ? Value::list(items, count) : Value::map(items, count / 2);
            break;
        }
        case ValueKind::kDecimal:
        case ValueKind::kText:
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson: {
            const auto encoding = unpack<TextEncoding>(bytes);
            const auto size = unpack<std::size_t>(bytes);
            value = text_of_kind(kind, bytes.substr(0, size), encoding);
            bytes.remove_prefix(size);
            break;
        }
    }
    return value.set_line(line);
}

}  // namespace dbfixture
