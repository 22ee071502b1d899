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

// For statements that cannot even be prepared: what make_error() is told, and what stands before the SQL in the detail.
inline constexpr std::string_view kCannotPrepare = "could not prepare a statement";
inline constexpr std::string_view kInStatement = "; in ";

// True if that is what happened: the table lacks something here (a function, a collation, a module).
bool is_unusable(const Error& error);
// The error to make of it: the table cannot be `done` ("read", "written"). What follows kInStatement is cut off.
Error cannot_use(std::string_view table, std::string_view done, std::string reason);

// An identifier for SQL: in double quotes, inner ones doubled. The only way names get into SQL.
std::string quote_identifier(std::string_view name);

// main."name": a temporary or attached table of that name is never meant.
std::string qualified(std::string_view table);

}  // namespace dbfixture::sqlite
