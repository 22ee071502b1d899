// SPDX-License-Identifier: MIT
// The parts of read_catalog().
#pragma once

#include <map>
#include <string>

#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// Where each table is in the catalog, by its name.
using Places = std::map<std::string, std::size_t, std::less<>>;

// "column = DATABASE()", with the case of names where the server tells it apart; the plain comparison, which the server
// needs to look at one database alone, stands beside it.
std::string of_this_database(const Session& session, std::string_view column);

void read_columns(Session& session, Catalog& catalog, const Places& places);
void read_json_checks(Session& session, Catalog& catalog, const Places& places);
void read_keys(Session& session, Catalog& catalog, const Places& places);
void read_foreign_keys(Session& session, Catalog& catalog, const Places& places);

}  // namespace dbfixture::mariadb
