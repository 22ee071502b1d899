// SPDX-License-Identifier: MIT
#include "base/interrupt.h"

#include <atomic>
#include <csignal>

namespace dbfixture {
namespace {

volatile std::sig_atomic_t g_pending_signal = 0;  // written by the handler: the one variable a signal can reach

std::atomic<int> g_holds = 0;

void remember_signal(int number) {
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
