// SPDX-License-Identifier: MIT
// A bound row as bytes, for rows that a load sets aside in a temporary table. Not a file format: it never outlives the
// process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace dbfixture::sqlite {

std::string store_row(const BoundRow& row);
std::string store_values(std::span<const Value> values);

// Points into the bytes that it was read from.
struct StoredRow {
    explicit StoredRow(std::string_view bytes);
    BoundRow row;
    std::vector<std::uint16_t> columns;
    std::vector<Value> values;
    StoredRow(const StoredRow&) = delete;
    StoredRow& operator=(const StoredRow&) = delete;
    ~StoredRow() = default;
};

std::vector<Value> load_values(std::string_view bytes);

}  // namespace dbfixture::sqlite
