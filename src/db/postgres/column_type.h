// SPDX-License-Identifier: MIT
// A type of the server's as a column's portable type and as the form of its values.
#pragma once

#include <string_view>

#include "db/postgres/catalog.h"
#include "model/schema.h"

namespace dbfixture::postgres {

// A type with its domains resolved.
struct BaseType {
    std::string_view schema, name;  // as pg_type has it: "int4"
    char kind = 'b';                // pg_type.typtype
    bool array = false;
    int modifier = -1;
};

void set_type(Column& column, ColumnFacts& facts, const BaseType& type);

}  // namespace dbfixture::postgres
