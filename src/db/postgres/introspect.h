// SPDX-License-Identifier: MIT
// The catalog of a database, read from the server's own tables.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// What is there for this role, in a few statements; inside the caller's transaction if there is one. All schemas but
// the server's own are in it; tables outside of `selected` (empty: of the search path) have TableRole::kElsewhere.
// With `only`, no other tables. Throws kNotFound for one of `selected` that is not there.
Catalog read_catalog(Session& session, const std::vector<std::string>& selected, const std::set<Oid>* only = nullptr);

}  // namespace dbfixture::postgres
