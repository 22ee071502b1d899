// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "db/postgres/load_context.h"

namespace dbfixture::postgres {

// Other tables that the triggers of this one, which did not fire, would have written, as far as the text of their
// functions tells.
std::vector<std::string> written_by_triggers(const LoadContext& context, std::size_t table);

}  // namespace dbfixture::postgres
