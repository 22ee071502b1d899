// SPDX-License-Identifier: MIT
// Which files are SQLite's, seen from outside: by name and first bytes, without opening a database.
#pragma once

#include <string>
#include <vector>

namespace dbfixture::sqlite {

// db/open.h, describe_database_file().
std::string describe_file(const std::string& path);

// The names of the files beside the database `path`, which need not exist.
std::vector<std::string> sidecars(const std::string& path);

}  // namespace dbfixture::sqlite
