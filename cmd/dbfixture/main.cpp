// SPDX-License-Identifier: MIT
// Prepares the process, and runs the command that its words name.
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <csignal>

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
    dbfixture::Report report;
    return dbfixture::run_program(words, caller, report);
}
