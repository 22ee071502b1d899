// SPDX-License-Identifier: MIT
#include "serve_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/posix_file.h"

namespace dbfixture {
namespace {

constexpr std::size_t kMostLine = 256'000'000;

// Above the standard descriptors, and not for programs that are started.
int move_away(int fd, const char* instead, int flags) {
    const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    const int nothing = ::open(instead, flags | O_CLOEXEC);
    if (moved < 0 || nothing < 0)
        throw Error(ErrorKind::kFailure, cat("could not prepare the pipes: ", system_words(errno)));
    ::dup2(nothing, fd);
    ::close(nothing);
    return moved;
}

// A signal may come just before the wait, which it would then not end: so it can come only within. False where nothing
// comes for so long.
bool wait_for_input(int fd, const timespec* longest) {
    sigset_t held, before;
    sigemptyset(&held);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&held, number);
    sigprocmask(SIG_BLOCK, &held, &before);
    pollfd input = {fd, POLLIN, 0};
    int ready = -1;
    while (pending_interrupt() == 0 && (ready = ::ppoll(&input, 1, longest, &before)) < 0 && errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return ready != 0;
}

}  // namespace

ServePipe::ServePipe()
    : in_(move_away(STDIN_FILENO, "/dev/null", O_RDONLY)), out_(move_away(STDOUT_FILENO, "/dev/full", O_WRONLY)) {}

ServePipe::~ServePipe() {
    ::dup2(in_, STDIN_FILENO);
    ::dup2(out_, STDOUT_FILENO);
    ::close(in_);
    ::close(out_);
}

// False where there is no more.
bool ServePipe::fill(int idle_ms, const std::function<void()>& idle) {
    std::array<char, 64 * 1024> piece;
    const timespec longest = {idle_ms / 1000, idle_ms % 1000 * 1'000'000L};
    for (;;) {
        if (!wait_for_input(in_, &longest)) {
            idle();
            wait_for_input(in_, nullptr);
        }
        if (pending_interrupt() != 0) return false;
        const ssize_t got = ::read(in_, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(ErrorKind::kFailure, cat("could not read standard input: ", system_words(errno)));
        buffer_.append(piece.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
}

bool ServePipe::read(Line& line, int idle_ms, const std::function<void()>& idle) {
    line.too_long = false;
    if (pending_interrupt() != 0) return false;
    for (std::size_t searched = 0;;) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            std::string rest = buffer_.substr(end + 1);
            buffer_.resize(end);
            line.text = std::exchange(buffer_, std::move(rest));
            return true;
        }
        if (buffer_.size() > kMostLine) {
            line.too_long = true;
            std::string().swap(buffer_);
        }
        searched = buffer_.size();
        if (fill(idle_ms, idle)) continue;
        line.text = std::exchange(buffer_, {});
        return pending_interrupt() == 0 && (line.too_long || !line.text.empty());
    }
}

void ServePipe::write(std::string_view answer) {
    while (!answer.empty()) {
        const ssize_t count = ::write(out_, answer.data(), answer.size());
        if (count >= 0) {
            answer.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EPIPE) {
            throw ClosedPipe();
        } else if (errno == EINTR) {
            if (pending_interrupt() != 0) return;  // nobody may be reading
        } else {
            throw Error(ErrorKind::kFailure, cat("could not write to standard output: ", system_words(errno)));
        }
    }
}

}  // namespace dbfixture
