// SPDX-License-Identifier: MIT
// Fills lines of text up to a width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dbfixture {

// The words of `text`, which stands at `column`; further lines are indented by as much. A word longer than a line is
// not broken.
std::string fill_words(std::string_view text, std::size_t width, std::size_t column);

// Lines that begin at the margin are filled anew, up to the next that is empty, indented or a heading ("Examples:");
// those stay as they are. Ends with a line end.
std::string fill_lines(std::string_view text, std::size_t width);

}  // namespace dbfixture
