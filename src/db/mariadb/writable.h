// SPDX-License-Identifier: MIT
// Tables that are refused, by name, because writing to them would do what cannot be undone or was not asked for.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "db/mariadb/catalog.h"

namespace dbfixture::mariadb {

// Throws kRefused for a table without transactions or of one node of a cluster, and unless triggers are to fire for one
// with triggers for one of these events ("IU": INSERT, UPDATE): the server cannot silence them.
void require_writable(const Catalog& catalog, std::size_t table, bool fire_triggers, std::string_view events);

// The same for a table whose rows are to go: rows of other databases may refer to them.
void require_removable(const Catalog& catalog, std::size_t table, bool fire_triggers);

// Whether a cluster replicates tables of this engine.
bool is_replicated(std::string_view engine);
// Of a table of another one there: kRefused, and its detail.
Error not_replicated(std::string_view doing, std::string_view table, std::string_view engine);
std::string why_not_replicated(std::string_view engine);
// Throws it for the first of those tables.
void require_replicated(const Catalog& catalog, std::string_view doing);

}  // namespace dbfixture::mariadb
