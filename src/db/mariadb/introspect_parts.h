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

// What is asked for each part, and what is read from the answer.
std::string ask_columns(const Session& session);
void read_columns(const Result& found, const Session& session, Catalog& catalog, const Places& places);
std::string ask_json_checks(const Session& session);  // of MariaDB alone
void read_json_checks(const Result& found, Catalog& catalog, const Places& places);
std::string ask_keys(const Session& session);
void read_keys(const Result& found, Catalog& catalog, const Places& places);
std::string ask_foreign_keys(const Session& session);
void read_foreign_keys(const Result& found, const Session& session, Catalog& catalog, const Places& places);
// "SHOW GRANTS": of what this user sees only in part, and whether there may be more than it sees.
void read_grants(const Result& found, Session& session, Catalog& catalog);
// References from other databases, for which the server may look at all of their tables: only where there are any.
void read_children_elsewhere(Session& session, Catalog& catalog, const Places& places);

}  // namespace dbfixture::mariadb
