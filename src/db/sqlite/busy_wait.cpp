// SPDX-License-Identifier: MIT
#include "db/sqlite/busy_wait.h"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>

#include "base/interrupt.h"

namespace dbfixture::sqlite {
namespace {

// Naps of 1 to 25 ms. `attempt` counts from 0 for each lock that is waited for.
int wait(void* context, int attempt) {
    constexpr int kNaps[] = {1, 2, 5, 10, 15, 20, 25};
    constexpr int kCount = std::size(kNaps);
    int slept = 0;
    for (int i = 0; i < std::min(attempt, kCount); ++i)
        slept += kNaps[i];
    if (attempt > kCount) slept += (attempt - kCount) * kNaps[kCount - 1];
    const int left = static_cast<BusyWait*>(context)->timeout_ms - slept;
    if (left <= 0 || pending_interrupt() != 0) return 0;
    sqlite3_sleep(std::min(left, kNaps[std::min(attempt, kCount - 1)]));
    return 1;
}

}  // namespace

void BusyWait::attach(sqlite3* database) {
    sqlite3_busy_handler(database, wait, this);
}

}  // namespace dbfixture::sqlite
