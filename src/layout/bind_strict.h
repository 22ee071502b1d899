// SPDX-License-Identifier: MIT
// The reading rules of DESIGN 2 for columns that keep one kind of value only, as servers' do (Column::strict).
//
//  1. A number, a boolean or bytes go only into columns of their kind; into a text column, a number goes as its source
//     text. What would lose a digit, a sign or a fraction is refused here, by record, and never rounded by the engine.
//  2. Dates, times, intervals, UUIDs, arrays and all that the engine spells in its own way are texts, which the engine
//     reads. A list is no array: it cannot say the bounds.
//  3. A JSON column keeps documents: a text is a JSON string there, a number a JSON number, and {"$json": TEXT} a
//     document in just that spelling. null is NULL; {"$json": "null"} is JSON's.
//  4. A decimal keeps its spelling, so that an engine that tells 1.5 from 1.50 can.
//  5. A plain YAML scalar is read by the column; a text where a number or a boolean is wanted, as a plain scalar.
#pragma once

#include "base/arena.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

// As bind_value(), without the line.
Value bind_strict(const Value& value, const Column& column, Arena& arena);

}  // namespace dbfixture
