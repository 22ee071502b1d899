// SPDX-License-Identifier: MIT
// Which tables a table's triggers would write. SQLite's authorizer tells, for a statement that is only prepared: no
// trigger text is parsed.
#pragma once

#include <string>
#include <vector>

#include "db/sqlite/load_context.h"

namespace dbfixture::sqlite {

// Names of tables that INSERT or UPDATE triggers of `table` write, sorted; the table itself is left out. Turns triggers
// on for the moment and off again.
std::vector<std::string> tables_written_by_triggers(const LoadContext& context, std::size_t table);

void set_triggers(Handle handle, bool enabled);

}  // namespace dbfixture::sqlite
