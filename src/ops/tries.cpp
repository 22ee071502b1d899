// SPDX-License-Identifier: MIT
#include "ops/tries.h"

#include <chrono>
#include <thread>

#include "base/cat.h"
#include "base/interrupt.h"

namespace dbfixture {

bool may_try_again(Error& error, int tried) {
    if (error.kind != ErrorKind::kBusy) return false;
    if (tried >= error.tries) {
        if (tried > 1) append(error.detail, cat(error.detail.empty() ? "" : "; ", "tried ", tried, " times"));
        return false;
    }
    // Whoever was met needs a moment to be done.
    constexpr std::chrono::milliseconds kMoment{20};
    std::this_thread::sleep_for(kMoment * tried);
    check_interrupt();
    return true;
}

}  // namespace dbfixture
