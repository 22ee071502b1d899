// SPDX-License-Identifier: MIT
// cat(parts...) builds a string; numbers are written in decimal. std::format does not exist in g++ 12.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace dbfixture {

inline void append(std::string& out, std::string_view part) {
    out.append(part);
}
inline void append(std::string& out, char part) {
    out.push_back(part);
}

template <std::integral Number>
requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) void append(std::string& out, Number part) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
}

template <typename... Parts>
std::string cat(const Parts&... parts) {
    std::string out;
    (append(out, parts), ...);
    return out;
}

}  // namespace dbfixture
