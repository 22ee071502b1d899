// SPDX-License-Identifier: MIT
// Which files are SQLite's, seen from outside: by name and first bytes, without opening a database.
#pragma once

#include <string>
#include <vector>

#include "db/location.h"

namespace dbfixture::sqlite {

// db/open.h, describe_database_file().
std::string describe_file(const std::string& path);

// A database's file and those that SQLite keeps beside it while it is in use; they need not exist.
std::vector<std::string> files_at(const std::string& path);

// db/open.h, files_of().
std::vector<std::string> files_of(const Location& location);

}  // namespace dbfixture::sqlite
