// SPDX-License-Identifier: MIT
// What is known of the terminal that a descriptor leads to.
#pragma once

#include <cstddef>

namespace dbfixture {

// Columns: $COLUMNS, else what the terminal says; 80 where there is no terminal, or it does not say. Asks each time, so
// that it follows a window.
std::size_t terminal_width(int fd);

// It is a terminal that shows colours, and $NO_COLOR is not set.
bool takes_color(int fd);

// It is a terminal whose foreground we are in.
bool is_in_foreground(int fd);

}  // namespace dbfixture
