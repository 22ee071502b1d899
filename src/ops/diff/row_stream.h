// SPDX-License-Identifier: MIT
// The rows of one side of a table, in the order of their keys.
#pragma once

#include <string_view>

#include "model/record.h"

namespace dbfixture {

struct StreamedRow {
    std::string_view key;  // bytes that compare as the rows are ordered (model/sort_key.h)
    std::string_view row;  // packed_row.h
    Origin origin{};       // of a fixture's
};

class RowStream {
  public:
    virtual ~RowStream() = default;
    // False at the end. What `row` points to is valid until the next call.
    virtual bool next(StreamedRow& row) = 0;
};

}  // namespace dbfixture
