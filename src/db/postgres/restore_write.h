// SPDX-License-Identifier: MIT
// Writing what a look has found to differ (restore_state.h), in the transaction of the look.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/postgres/restore_look.h"

namespace dbfixture::postgres {

struct RestoreWrite {
    std::uint64_t rows = 0;         // deleted and inserted
    std::vector<std::string> late;  // statements that no rollback undoes: for right before COMMIT
};

// Throws kInput where a copy does not have what its table lacks, kRefused, by name, for what would act on the rows,
// and kBusy.
RestoreWrite write_differences(Session& session, Look& look);

}  // namespace dbfixture::postgres
