// SPDX-License-Identifier: MIT
// The parameters of addresses, which each driver spells in its own way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture::mariadb {

struct ParameterName {
    std::string_view name;  // as AddressPart has it; "" where it is not known
    bool ignored = false;   // of drivers and pools: it says nothing about which database it is, or how it is reached
};
ParameterName parameter_name(std::string_view typed);

// For suggestions.
std::vector<std::string> parameter_names();

}  // namespace dbfixture::mariadb
