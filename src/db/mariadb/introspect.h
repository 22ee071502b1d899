// SPDX-License-Identifier: MIT
// The catalog of a database, read from information_schema.
#pragma once

#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// Inside the caller's transaction if there is one. Each view is asked alone and joined here: joined on the server, two
// of them take as long as a dump of the schema.
Catalog read_catalog(Session& session);

}  // namespace dbfixture::mariadb
