// SPDX-License-Identifier: MIT
// A type of the server's as a column's portable type and as the form of its values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "db/mariadb/catalog.h"
#include "model/schema.h"

namespace dbfixture::mariadb {

// As information_schema.columns has it.
struct ServerType {
    std::string_view data_type;    // "int"
    std::string_view column_type;  // "int(10) unsigned"
    std::string_view charset, collation;
    int precision = 0, digits = 0;
    std::optional<int> scale;
    std::optional<std::uint64_t> characters, bytes;  // at most
};

void set_type(Column& column, ColumnFacts& facts, const ServerType& type);

}  // namespace dbfixture::mariadb
