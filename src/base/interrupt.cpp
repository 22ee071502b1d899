// SPDX-License-Identifier: MIT
#include "base/interrupt.h"

#include <csignal>

#include "base/error.h"

namespace dbfixture {
namespace {

volatile std::sig_atomic_t g_pending_signal = 0;  // written by the handler: the one variable a signal can reach

extern "C" void remember_signal(int number) {
    g_pending_signal = number;
    std::signal(number, SIG_DFL);
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
    return g_pending_signal;
}

void check_interrupt() {
    if (g_pending_signal != 0) {
        const int number = g_pending_signal;
        throw Error(ErrorKind::kInterrupted, number == SIGTERM  ? "terminated"
                                             : number == SIGHUP ? "the terminal was closed"
                                                                : "interrupted");
    }
}

}  // namespace dbfixture
