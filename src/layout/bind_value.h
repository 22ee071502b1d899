// SPDX-License-Identifier: MIT
// What a fixture's value means for a column: the reading rules of DESIGN 2, in one place for all formats.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

// The typed value (first group of ValueKind). Points into `value`'s memory or into `arena`. Throws Error (kInput) with
// message and hint when the column cannot take the value without changing it; the caller adds the place.
Value bind_value(const Value& value, const Column& column, Arena& arena);

// The error for a value that a column cannot take, with its reason.
Error not_for_column(const Value& value, const Column& column, std::string_view why, std::string hint = {});

// The row number that a hidden key, or `rowid`, says.
std::int64_t bind_row_number(const Value& value);

// A key as typed on a command line: its type is the column's business.
Value bind_typed_key(std::string_view text, const Column& column, Arena& arena);

}  // namespace dbfixture
