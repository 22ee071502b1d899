// SPDX-License-Identifier: MIT
// What serve is asked, a line each: ["push", "feature", "users"], or {"argv": ["loaddata", "-"], "stdin": "[...]"}.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

struct ServeRequest {
    std::vector<std::string> words;
    std::optional<std::string> input;  // what the command finds on its standard input
};

// Throws kUsage for any other line.
ServeRequest parse_request(std::string_view line);

}  // namespace dbfixture
