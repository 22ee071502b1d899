// SPDX-License-Identifier: MIT
// Transactions that are begun again after an error that says of itself that it passes (Error::tries): another one was
// met crosswise, or had a lock for too long. Engines say which errors those are; nobody above knows their numbers.
#pragma once

#include "base/error.h"

namespace dbfixture {

// After the `tried`th try failed with `error`. True: wait is over, it may be begun again. Else `error` says how often
// it was tried. Throws kInterrupted.
bool may_try_again(Error& error, int tried);

// Calls `work`, which is one transaction or changes nothing that a second call would not; more than once only if
// `again`.
template <typename Work>
auto try_often(bool again, const Work& work) {
    for (int tried = 1;; ++tried) {
        try {
            return work();
        } catch (Error& error) {
            if (!again || !may_try_again(error, tried)) throw;
        }
    }
}

}  // namespace dbfixture
