// SPDX-License-Identifier: MIT
// MariaDB and MySQL behind the seam.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "db/connection.h"
#include "db/open.h"
#include "db/states.h"

namespace dbfixture::mariadb {

struct Catalog;
class Session;

// The server keeps the states; files of a store refer to them (db/saved_reference.h). Records are every engine's.
inline constexpr std::array kStates = {StateForm{StateKind::kCopy, "copy"}};

// Engine::open_states.
std::unique_ptr<States> open_mariadb_states(const Location& location, int busy_timeout_ms);

// Engine::opinion: whether the server feeds others, or is fed itself.
DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms);

// Engine::connect.
std::unique_ptr<Connection> open_mariadb(const Location& location, const OpenOptions& options);

// A database that shows more or other than its server's catalog says.
struct CatalogView {
    std::vector<SchemaObject> objects{};                // what its schema defines
    std::function<void(Session&, Catalog&)> turn = {};  // its tables and counters are what this makes of the catalog
};
std::unique_ptr<Connection> open_mariadb_view(const Location& location, const OpenOptions& options, CatalogView view);

}  // namespace dbfixture::mariadb
