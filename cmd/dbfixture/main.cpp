// SPDX-License-Identifier: MIT
// Prepares the process, and runs the command that its words name.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/interrupt.h"
#include "db/url.h"
#include "program.h"

namespace {

// A standard descriptor that is closed would be given to the next file that is opened, and that file would then be
// written to. Each is opened the wrong way round, so that using it fails as it did.
void occupy_standard_descriptors() {
    constexpr std::array kModes = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; ++fd) {
        if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", kModes[static_cast<std::size_t>(fd)]);
    }
}

// Without what libraries do at the end of a process: those that a server's client library brings along take longer for
// it than a small command for all else. Checkers of memory do their work there.
[[noreturn]] void end_process(int status) {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
#if defined(__SANITIZE_ADDRESS__)
    std::exit(status);
#else
    ::_exit(status);
#endif
}

}  // namespace

int main(int argc, char** argv) {
    // A closed pipe shows as EPIPE, see ClosedPipe; a file that may not grow as EFBIG.
    dbfixture::Caller caller;
    caller.signals = {std::signal(SIGPIPE, SIG_IGN) == SIG_IGN, std::signal(SIGXFSZ, SIG_IGN) == SIG_IGN};
    occupy_standard_descriptors();
    dbfixture::catch_interrupts();
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (int word = 1; word < argc; ++word)
        dbfixture::hide_passwords(argv[word]);
    int status = 0;
    {
        dbfixture::Report report;
        status = dbfixture::run_program(words, caller, report);
    }
    end_process(status);
}
