// SPDX-License-Identifier: MIT
// From the one exception inside to the one outside.
#pragma once

#include <new>

#include "base/c_locale.h"
#include "base/error.h"
#include "dbfixture/dbfixture.h"

namespace dbfixture {

Failure failure_of(const Error& error);

// Calls `work`, in the locale of C; what it throws leaves as Failure.
template <typename Work>
auto with_failures(const Work& work) {
    try {
        const CLocale locale;
        return work();
    } catch (const Error& error) {
        throw failure_of(error);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const Failure&) {
        throw;
    } catch (const std::exception& exception) {
        throw failure_of(Error(ErrorKind::kFailure, exception.what()));
    }
}

}  // namespace dbfixture
