// SPDX-License-Identifier: MIT
// A record: one row as a fixture says it (DESIGN 2). Like Value, it points into memory of whoever made it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/value.h"

namespace dbfixture {

enum class Relation : std::uint8_t { kNone, kToOne, kOneToOne, kToMany };

// What a layout knows of a field beside its value, for the formats that have words for it.
struct FieldFacts {
    Relation relation = Relation::kNone;
    std::string target{};  // of a relation: the label of the records that it refers to
    std::string type{};    // of any other field: its type as the layout calls it ("CharField")
    bool operator==(const FieldFacts&) const = default;
};

struct Field {
    std::string_view name;
    Value value;
    std::uint32_t line = 0;             // of the name
    const FieldFacts* facts = nullptr;  // for writers; nullptr where the layout leaves values to speak for themselves
};

// Where a record stands in the fixtures of one load. `file` indexes the load's list of file names.
struct Origin {
    std::uint32_t file = 0;
    std::uint32_t line = 0;    // from 1
    std::uint32_t record = 0;  // from 1, within the file
};

struct Record {
    std::string_view model;
    bool has_key = false;  // `pk` is present (it may be null)
    Value key;             // a scalar, or a list in key order
    // False where the key column keeps 1 and "1" apart: a format without types of its own must then say which it is.
    bool key_typed_by_column = true;
    // The engine's own number of the row: `rowid` in fixtures.
    bool has_row_number = false;
    Value row_number;
    std::vector<Field> fields;  // in the order of the fixture; names are unique
    Origin origin;
};

// What readers push records into.
class RecordSink {
  public:
    virtual ~RecordSink() = default;
    // `record` and all it points to are valid only during the call.
    virtual void take(const Record& record) = 0;
};

}  // namespace dbfixture
