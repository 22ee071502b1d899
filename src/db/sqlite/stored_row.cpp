// SPDX-License-Identifier: MIT
#include "db/sqlite/stored_row.h"

#include <cstring>

namespace dbfixture::sqlite {
namespace {

template <typename Plain>
void put(std::string& out, const Plain& plain) {
    out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}

template <typename Plain>
Plain take(std::string_view& bytes) {
    Plain plain;
    std::memcpy(&plain, bytes.data(), sizeof plain);
    bytes.remove_prefix(sizeof plain);
    return plain;
}

void put_values(std::string& out, std::span<const Value> values) {
    put(out, static_cast<std::uint32_t>(values.size()));
    for (const Value& value : values) {
        put(out, value.kind());
        put(out, value.line());
        if (value.has_text()) {
            put(out, value.encoding());
            put(out, static_cast<std::uint64_t>(value.as_text().size()));
            out.append(value.as_text());
        } else if (!value.is_null()) {
            put(out, value.as_unsigned());  // the bits of whichever number it is
        }
    }
}

Value take_value(std::string_view& bytes) {
    const auto kind = take<ValueKind>(bytes);
    const auto line = take<std::uint32_t>(bytes);
    Value value;
    const auto text = [&bytes] {
        const auto size = static_cast<std::size_t>(take<std::uint64_t>(bytes));
        const std::string_view out = bytes.substr(0, size);
        bytes.remove_prefix(size);
        return out;
    };
    switch (kind) {
        case ValueKind::kNull:
            break;
        case ValueKind::kBoolean:
            value = Value::boolean(take<std::uint64_t>(bytes) != 0);
            break;
        case ValueKind::kReal:
            value = Value::real(take<double>(bytes));
            break;
        case ValueKind::kUnsigned:
            value = Value::unsigned_integer(take<std::uint64_t>(bytes));
            break;
        case ValueKind::kBytes:
            take<TextEncoding>(bytes);
            value = Value::bytes(text());
            break;
        case ValueKind::kDecimal:
        case ValueKind::kText:
            take<TextEncoding>(bytes);
            value = Value::text(text());
            break;
        case ValueKind::kEncodedText: {
            const auto encoding = take<TextEncoding>(bytes);
            value = Value::encoded_text(text(), encoding);
            break;
        }
        case ValueKind::kInteger:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson:
        case ValueKind::kList:
        case ValueKind::kMap:
            value = Value::integer(take<std::int64_t>(bytes));
            break;
    }
    return value.set_line(line);
}

std::vector<Value> take_values(std::string_view& bytes) {
    std::vector<Value> values(take<std::uint32_t>(bytes));
    for (Value& value : values)
        value = take_value(bytes);
    return values;
}

}  // namespace

std::string store_row(const BoundRow& row) {
    std::string out = store_values(row.values);
    put(out, row.table);
    put(out, row.address);
    put(out, row.row_number);
    put(out, row.origin);
    for (const std::uint16_t column : row.columns)
        put(out, column);
    return out;
}

std::string store_values(std::span<const Value> values) {
    std::string out;
    put_values(out, values);
    return out;
}

StoredRow::StoredRow(std::string_view bytes) {
    values = take_values(bytes);
    row.table = take<std::uint32_t>(bytes);
    row.address = take<RowAddress>(bytes);
    row.row_number = take<std::int64_t>(bytes);
    row.origin = take<Origin>(bytes);
    columns.resize(values.size());
    for (std::uint16_t& column : columns)
        column = take<std::uint16_t>(bytes);
    row.columns = columns;
    row.values = values;
}

std::vector<Value> load_values(std::string_view bytes) {
    return take_values(bytes);
}

}  // namespace dbfixture::sqlite
