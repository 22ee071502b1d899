// SPDX-License-Identifier: MIT
// The scripts that make shells ask `dbfixture __complete` (complete.h).
#pragma once

#include <string_view>

namespace dbfixture {

// "" for a shell that has none.
std::string_view completion_script(std::string_view shell);

}  // namespace dbfixture
