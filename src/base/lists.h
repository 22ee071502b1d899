// SPDX-License-Identifier: MIT
// Lists of texts.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cat.h"

namespace dbfixture {

inline void add_all(std::vector<std::string>& to, std::span<const std::string> more) {
    to.insert(to.end(), more.begin(), more.end());
}

// An empty part at the beginning leaves no trace.
inline std::string join(std::span<const std::string> parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts)
        append(out, cat(out.empty() ? "" : between, part));
    return out;
}

}  // namespace dbfixture
