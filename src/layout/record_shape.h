// SPDX-License-Identifier: MIT
// What the records of one table look like in the fixtures of a database, for a description of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/schema.h"

namespace dbfixture {

// What a value may be written as; several bits of them.
using ValueShapes = unsigned;
inline constexpr ValueShapes kNullShape = 1;
inline constexpr ValueShapes kBooleanShape = 2;
inline constexpr ValueShapes kIntegerShape = 4;
inline constexpr ValueShapes kNumberShape = 8;  // integers too
inline constexpr ValueShapes kTextShape = 16;
inline constexpr ValueShapes kListShape = 32;
inline constexpr ValueShapes kMapShape = 64;
inline constexpr ValueShapes kFormShape = 128;  // the $ forms of DESIGN 2
inline constexpr ValueShapes kAnyShape = 255;

struct FieldShape {
    std::string name;
    ValueShapes values = 0;
    bool required = false;    // in a record that makes a row
    std::string description;  // "INTEGER NOT NULL, refers to customers(id)"
};

struct RecordShape {
    std::string label;
    std::size_t table = 0;
    bool by_column = true;  // in table layout: what is stored tells what is written
    bool has_key = true;
    bool key_required = true;
    std::vector<FieldShape> key;     // one for each part
    std::vector<FieldShape> fields;  // of the key's columns, too, where a record may say them there
    std::string description;
};

// What a value of the column is written as in table layout, if it is of the column's type.
ValueShapes shapes_of(const Column& column);

// "INTEGER NOT NULL", "numeric(10,2), default 0"
std::string describe_column(const Table& table, std::size_t column, const Schema& schema);

// Records of the table in table layout.
RecordShape table_shape(const Schema& schema, std::size_t table);

}  // namespace dbfixture
