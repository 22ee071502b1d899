// SPDX-License-Identifier: MIT
#include "layout/django/ip_address.h"

#include <arpa/inet.h>

#include <array>

namespace dbfixture {

std::optional<std::string> normal_address(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return std::string();
    const std::string trimmed(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
    if (trimmed.find(':') == std::string::npos) return trimmed;
    in6_addr address{};
    if (inet_pton(AF_INET6, trimmed.c_str(), &address) != 1) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(AF_INET6, &address, out.data(), out.size());
    return std::string(out.data());
}

}  // namespace dbfixture
