// SPDX-License-Identifier: MIT
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace dbfixture {
namespace {

constexpr std::size_t kUsualWidth = 80;

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

}  // namespace

std::size_t terminal_width(int fd) {
    if (::isatty(fd) != 1) return kUsualWidth;
    if (const char* set = std::getenv("COLUMNS"); set != nullptr) {
        const long columns = std::strtol(set, nullptr, 10);
        if (columns > 0 && columns < 10'000) return static_cast<std::size_t>(columns);
    }
    winsize size = {};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualWidth;
}

bool takes_color(int fd) {
    const char* term = std::getenv("TERM");
    return ::isatty(fd) == 1 && !is_set("NO_COLOR") && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

bool is_in_foreground(int fd) {
    return ::isatty(fd) == 1 && ::tcgetpgrp(fd) == ::getpgrp();
}

}  // namespace dbfixture
