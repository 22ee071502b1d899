// SPDX-License-Identifier: MIT
// Databases of which this SQLite cannot parse every definition, because a newer one wrote them.
//
//  1. SQLite refuses such a database as a whole ("malformed database schema"). With SQLITE_DBCONFIG_WRITABLE_SCHEMA it
//     loads the definitions that it understands; nothing here ever writes sqlite_schema.
//  2. A definition is newer, not damaged, if it is whole text that begins with CREATE, and only its grammar is at
//  fault.
//     All else (a root page beyond the file, an index without a table, text cut short) is damage, and stays an error.
//  3. What SQLite loaded of a definition that it could not parse to its end must not be used: a table with an option
//     that is not known may be stored in another way.
//  4. Rows of a table with an index that is not understood must not change: the index would not follow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

struct UnparsedObject {
    std::string kind;  // as in sqlite_schema: "table", "index", "view", "trigger"
    std::string name;
    std::string table;  // that it belongs to
    std::string sql;
    std::string reason;  // SQLite's words
};

// Whether SQLite's words about a schema mean grammar that it does not know.
bool is_newer_grammar(std::string_view words);

// "written by a newer SQLite than 3.40.1".
std::string newer_sqlite();

// After SQLite has refused to load the schema: makes it load what it understands. False if damage is the reason.
bool accept_newer_schema(Handle handle);

// What is not understood; empty unless accept_newer_schema() has been called. Throws Error (kFailure) where the schema
// is damaged besides.
std::vector<UnparsedObject> find_unparsed(Handle handle);

}  // namespace dbfixture::sqlite
