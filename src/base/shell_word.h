// SPDX-License-Identifier: MIT
// Command lines in messages, to be copied into a shell.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture {

// `word` as a POSIX shell reads it back: as it is where that is safe, else in single quotes.
inline std::string shell_word(std::string_view word) {
    constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
    if (!word.empty() && word.find_first_not_of(kSafe) == std::string_view::npos) return std::string(word);
    std::string out = "'";
    for (const char c : word)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace dbfixture
