// SPDX-License-Identifier: MIT
// One line that says how far something is: "Loading shop.json: 42%, 63.1 of 150.0 MB, 21.3 MB/s, 4 s left".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dbfixture {

enum class ProgressUnit { kBytes, kRecords };

struct ProgressState {
    std::string what;         // "Loading shop.json"
    std::string_view step{};  // "comparing"; "" if there is nothing to say
    ProgressUnit unit = ProgressUnit::kBytes;
    std::uint64_t done = 0;   // 0: nothing is counted
    std::uint64_t total = 0;  // 0: not known
    double per_second = 0;    // 0: not known
    double seconds = 0;       // since it began
};

// At most `width` columns of a terminal: what is least needed is left out, then the name is cut.
std::string progress_text(const ProgressState& state, std::size_t width);

}  // namespace dbfixture
