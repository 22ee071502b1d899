// SPDX-License-Identifier: MIT
// How diff says a value: as a JSON fixture would hold it, so that 1, 1.0, "1", null and "" cannot be taken for each
// other.
#pragma once

#include <string>

#include "ops/diff/result.h"

namespace dbfixture {

std::string fixture_json(const Value& value);
// A placeholder too.
std::string fixture_json(const Slot& slot);

// What the key of the row is: one value, a list, a row number; "null" for a row without one.
std::string key_json(const ComparedTable& table, const DiffRow& row);

}  // namespace dbfixture
