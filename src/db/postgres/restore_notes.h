// SPDX-License-Identifier: MIT
// What a restore says beside its numbers.
#pragma once

#include <string>
#include <vector>

#include "db/postgres/restore_look.h"

namespace dbfixture::postgres {

// What is not as it was: sentences without a full stop.
std::vector<std::string> what_is_not_restored(const Look& look);

// Why the next restore will find more to look at than was written: who has had a transaction open for how long. "" if
// nobody.
std::string who_holds_back(Session& session, const Look& look);

}  // namespace dbfixture::postgres
