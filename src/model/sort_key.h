// SPDX-License-Identifier: MIT
// Keys as bytes that compare as databases order rows (model/value_order.h), so that rows can be sorted and merged
// without their values:
//  1. null, numbers, text, bytes; integers, reals and exact decimals among each other by what they are worth.
//  2. The bytes of one value are never the beginning of another's: values behind one another compare one by one.
//  3. 1 and 1.0, and 0.0 and -0.0, have the same bytes. NaN comes after every number.
#pragma once

#include <string>

#include "model/value.h"

namespace dbfixture {

// `value` is of the first group of ValueKind.
void append_sort_key(std::string& out, const Value& value);

}  // namespace dbfixture
