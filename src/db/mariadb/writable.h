// SPDX-License-Identifier: MIT
// Tables that are refused, by name, because writing to them would do what cannot be undone or was not asked for.
#pragma once

#include <string_view>

#include "db/mariadb/catalog.h"

namespace dbfixture::mariadb {

// Throws kRefused for a table without transactions, and unless triggers are to fire for one with triggers for one of
// these events ("IU": INSERT, UPDATE): the server cannot silence them.
void require_writable(const Catalog& catalog, std::size_t table, bool fire_triggers, std::string_view events);

// The same for a table whose rows are to go: rows of other databases may refer to them.
void require_removable(const Catalog& catalog, std::size_t table, bool fire_triggers);

}  // namespace dbfixture::mariadb
