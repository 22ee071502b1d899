// SPDX-License-Identifier: MIT
// The definition of something in one database, as one of the same in another.
//
//  1. The server writes tables, sequences and views itself; what programs do is kept as it was typed. Either may name
//     the database that it is in, and must then mean the other: or a copy would write to its original.
//  2. "shop.x" is x of the database "shop", or a column of a table that goes by "shop". It is the database's if a third
//     name follows, or a bracket; behind a word that tables or programs follow (FROM, INTO, CALL ...), or a comma and
//     another such; and else if the database has something called x, but no table called "shop", and nothing in the
//     text is called that without a point.
//  3. A text in quotes may become a statement (PREPARE). It is left as it is, and reported.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "db/mariadb/sql_tokens.h"

namespace dbfixture::mariadb {

struct Renaming {
    std::string from, to;
    bool exact_names = true;                      // names of databases and tables differ by case
    std::set<std::string, std::less<>> things{};  // tables, views, sequences and programs of `from`; in lower case
                                                  // unless exact_names
};

struct Renamed {
    std::string text;
    bool in_text = false;  // rule 3: the database is named in quotes
};

Renamed rename_database(std::string_view sql, const LexicalMode& mode, const Renaming& renaming);

}  // namespace dbfixture::mariadb
