// SPDX-License-Identifier: MIT
// The regular expressions of {"$match": ...}: POSIX's extended ones, with \d, \w and \s, which must match the whole
// text. Why not std::regex: it recurses for each character, and a long text ends the program.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "model/value.h"

namespace dbfixture {

class Patterns {
  public:
    Patterns();
    Patterns(const Patterns&) = delete;
    Patterns& operator=(const Patterns&) = delete;
    ~Patterns();

    // Throws Error (kInput) for a text that is no regular expression, or one that would take too much memory.
    void require(std::string_view pattern);
    // A text as it is; a number or a boolean as JSON spells it. NULL and bytes match nothing.
    bool matches(std::string_view pattern, const Value& value);

  private:
    struct Compiled;
    const Compiled& compiled(std::string_view pattern);
    std::map<std::string, std::unique_ptr<Compiled>, std::less<>> known_;
};

}  // namespace dbfixture
