// SPDX-License-Identifier: MIT
// Connection on SQLite, through SQLiteCpp for opening and closing.
#pragma once

#include <memory>
#include <string>

#include "db/connection.h"
#include "db/open.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// What a URL means to sqlite3_open_v2.
struct Location {
    std::string filename;  // a path, ":memory:", or a "file:" URI
    bool is_uri = false;
    std::string path;  // the file's path for messages and checks; ":memory:" for one in memory
    bool in_memory = false;
};

std::unique_ptr<Connection> open_sqlite(const Location& location, const OpenOptions& options);

}  // namespace dbfixture::sqlite
