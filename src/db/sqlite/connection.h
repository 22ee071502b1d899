// SPDX-License-Identifier: MIT
// Connection on SQLite, through SQLiteCpp for opening and closing.
#pragma once

#include <memory>
#include <string>

#include "db/connection.h"
#include "db/open.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/location.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// Engine::connect.
std::unique_ptr<Connection> open_sqlite(const Location& location, const OpenOptions& options);

// borrow_database().
std::unique_ptr<Connection> borrow_sqlite(sqlite3* connection, const std::vector<std::string>& bookkeeping);

}  // namespace dbfixture::sqlite
