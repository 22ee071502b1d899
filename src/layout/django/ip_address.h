// SPDX-License-Identifier: MIT
// IP addresses as Django's GenericIPAddressField keeps them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dbfixture {

// Without blanks around it; an IPv6 address in its shortest form. Nothing for a bad IPv6 address. Whatever has no colon
// stays as it is: Django does not look at it.
std::optional<std::string> normal_address(std::string_view text);

}  // namespace dbfixture
