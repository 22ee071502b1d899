// SPDX-License-Identifier: MIT
// convert: a fixture in one format to the same fixture in another, one record at a time, without a database.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/io.h"
#include "fixture/format.h"
#include "ops/load.h"

namespace dbfixture {

// Returns the number of records. Values keep their types. Does not finish() the sink. Throws Error with the place in
// the input.
std::uint64_t convert(const FixtureInput& input, const Format& format, const WriteOptions& options, ByteSink& sink);

// A plain YAML scalar where no column decides (DESIGN 2): null, true, false and numbers in the one spelling that this
// program writes keep their type; anything else is a text. Inside lists and maps, which are made anew in `arena`, plain
// scalars are what they are in JSON. Other values come back as they are.
Value resolve_without_column(const Value& value, Arena& arena);
// The same of a `pk`: the parts of a list are values like one alone.
Value resolve_key_without_column(const Value& key, Arena& arena);

}  // namespace dbfixture
