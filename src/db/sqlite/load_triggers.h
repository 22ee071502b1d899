// SPDX-License-Identifier: MIT
// Which tables a table's triggers would write. SQLite's authorizer tells, for a statement that is only prepared: no
// trigger text is parsed.
#pragma once

#include <string>
#include <vector>

#include "db/sqlite/load_context.h"

namespace dbfixture::sqlite {

struct TriggerWrites {
    std::vector<std::string> tables;  // that they write, sorted; the table itself is left out
    std::string problem;              // why not all of them are known (a function that is missing); "" if they are
};

// Of the INSERT and UPDATE triggers of `table`, and of its DELETE triggers if the load has deleted rows for good. Turns
// triggers on for the moment and off again.
TriggerWrites written_by_triggers(const LoadContext& context, std::size_t table);

}  // namespace dbfixture::sqlite
