// SPDX-License-Identifier: MIT
#include "db/sqlite/stored_row.h"

#include "model/packed.h"

namespace dbfixture::sqlite {
namespace {

void pack_values(std::string& out, std::span<const Value> values) {
    pack(out, static_cast<std::uint32_t>(values.size()));
    for (const Value& value : values)
        pack_value(out, value);
}

// Of columns: no lists.
std::vector<Value> unpack_values(std::string_view& bytes) {
    Arena unused;
    std::vector<Value> values(unpack<std::uint32_t>(bytes));
    for (Value& value : values)
        value = unpack_value(bytes, unused);
    return values;
}

}  // namespace

std::string store_row(const BoundRow& row) {
    std::string out = store_values(row.values);
    pack(out, row.table);
    pack(out, row.address);
    pack(out, row.row_number);
    pack(out, row.origin);
    for (const std::uint16_t column : row.columns)
        pack(out, column);
    return out;
}

std::string store_values(std::span<const Value> values) {
    std::string out;
    pack_values(out, values);
    return out;
}

StoredRow::StoredRow(std::string_view bytes) {
    values = unpack_values(bytes);
    row.table = unpack<std::uint32_t>(bytes);
    row.address = unpack<RowAddress>(bytes);
    row.row_number = unpack<std::int64_t>(bytes);
    row.origin = unpack<Origin>(bytes);
    columns.resize(values.size());
    for (std::uint16_t& column : columns)
        column = unpack<std::uint16_t>(bytes);
    row.columns = columns;
    row.values = values;
}

std::vector<Value> load_values(std::string_view bytes) {
    return unpack_values(bytes);
}

}  // namespace dbfixture::sqlite
