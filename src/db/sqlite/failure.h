// SPDX-License-Identifier: MIT
// SQLite's result codes as our errors: the one place that decides what is busy, bad input or a failure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;

namespace dbfixture::sqlite {

// `what` completes the message: "could not read table "x"". SQLite's own words go into the detail.
Error make_error(sqlite3* database, int code, std::string_view what);

// Throws make_error() unless `code` is SQLITE_OK, SQLITE_ROW or SQLITE_DONE.
void check(sqlite3* database, int code, std::string_view what);

// An identifier for SQL: in double quotes, inner ones doubled. The only way names get into SQL.
std::string quote_identifier(std::string_view name);

// main."name": a temporary or attached table of that name is never meant.
std::string qualified(std::string_view table);

}  // namespace dbfixture::sqlite
