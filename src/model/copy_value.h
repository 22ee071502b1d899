// SPDX-License-Identifier: MIT
#pragma once

#include "base/arena.h"
#include "model/value.h"

namespace dbfixture {

// The same value, with its text and, of a list or a map, everything in it in the memory of `arena`.
Value copy_value(const Value& value, Arena& arena);

}  // namespace dbfixture
