// SPDX-License-Identifier: MIT
// The beginnings of definitions, which the server writes itself, and which a copy needs otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/mariadb/sql_tokens.h"

namespace dbfixture::mariadb {

// Whose rights a program or a view runs with: "CREATE DEFINER=`app`@`%` ...".
struct Definer {
    std::string user, host;  // a role has no host
    std::size_t begin = 0, end = 0;

    // "app@%", as CURRENT_USER() says it.
    std::string account() const;
};
// Nothing where the definition says none.
std::optional<Definer> definer_of(std::string_view sql, const LexicalMode& mode);
// The definition with nobody named: then it is whoever runs it.
std::string without_definer(std::string_view sql, const LexicalMode& mode);

// What stands behind FOR EACH ROW of a trigger and its place among others. Throws kFailure for what is no trigger.
std::string_view trigger_body(std::string_view sql, const LexicalMode& mode);
// Whether what stands before that names a database or another trigger.
bool names_others(std::string_view trigger, const LexicalMode& mode);

// Of an event: it does not run by itself.
std::string disabled_event(std::string_view sql, const LexicalMode& mode);
// Whether it does.
bool is_enabled_event(std::string_view sql, const LexicalMode& mode);

}  // namespace dbfixture::mariadb
