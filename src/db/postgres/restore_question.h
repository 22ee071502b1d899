// SPDX-License-Identifier: MIT
// All that a restore must know, asked in as few messages as there can be.
#pragma once

#include <optional>
#include <vector>

#include "db/postgres/restore_look.h"
#include "db/postgres/restore_sequences.h"
#include "db/postgres/restore_sums.h"

namespace dbfixture::postgres {

// Fills the look, whose manifest is known, under the locks: of each table how many rows are the state's, as far as
// transactions or sums tell it.
void ask_all(Session& session, Look& look);

}  // namespace dbfixture::postgres
