// SPDX-License-Identifier: MIT
#include "base/interrupt.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace dbfixture {
namespace {

volatile std::sig_atomic_t g_pending_signal = 0;  // written by the handler: the one variable a signal can reach

std::atomic<int> g_holds = 0;

// When each signal came first, in milliseconds of the monotonic clock; 0: not yet.
std::atomic<std::int64_t> g_came[NSIG];
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t now() {
    struct timespec time = {};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000 + 1;
}

// timeout(1) and others send a signal to the process and, at once, to its group: that is one signal.
void remember_signal(int number) {
    constexpr std::int64_t kSameSignal = 200;
    const int before = errno;
    std::int64_t first = 0;
    const std::int64_t came = now();
    if (g_came[number].compare_exchange_strong(first, came)) {
        g_pending_signal = number;
    } else if (came - first > kSameSignal) {
        std::signal(number, SIG_DFL);
        std::raise(number);  // acts once this function is left
    }
    errno = before;
}

}  // namespace

void catch_interrupts() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action = {};
        if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            continue;  // nohup, background jobs
        action = {};
        action.sa_handler = remember_signal;
        sigemptyset(&action.sa_mask);
        sigaction(number, &action, nullptr);  // without SA_RESTART: a blocked read returns and sees the flag
    }
}

int pending_interrupt() noexcept {
    return g_holds.load(std::memory_order_relaxed) > 0 ? 0 : g_pending_signal;
}

void check_interrupt() {
    if (const int number = pending_interrupt()) throw interrupt_error(number);
}

HoldInterrupts::HoldInterrupts() noexcept {
    ++g_holds;
}

HoldInterrupts::~HoldInterrupts() {
    --g_holds;
}

Error interrupt_error(int number) {
    return Error(ErrorKind::kInterrupted, number == SIGTERM  ? "terminated"
                                          : number == SIGHUP ? "the terminal was closed"
                                                             : "interrupted");
}

int take_interrupt() noexcept {
    const int number = g_pending_signal;
    g_pending_signal = 0;
    return number;
}

void put_interrupt_back(int number) noexcept {
    if (number != 0) g_pending_signal = number;
}

}  // namespace dbfixture
