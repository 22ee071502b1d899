// SPDX-License-Identifier: MIT
// Fixtures that a load reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fixture/find.h"
#include "ops/load.h"

namespace dbfixture {

// Throws as find_fixture(), and kUsage where there is no name.
std::vector<FixtureInput> find_inputs(const std::vector<std::string>& names, const FixtureSearch& search);

// Throws kUsage for an unknown format.
FixtureInput text_input(std::string text, std::string_view format, std::string_view name);

// Throws kUsage, naming those that there are.
const Format& known_format(std::string_view name);

}  // namespace dbfixture
