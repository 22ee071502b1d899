// SPDX-License-Identifier: MIT
// Where a database is, in the words of those that are to open it: values of environment variables such as DATABASE_URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

struct Engine;
struct Location;

// Of this engine or of another.
std::vector<std::string> address_forms(const Engine& engine);

// Throws kUsage for a form that there is not, with the list and the nearest, and for one that databases of this engine
// do not have. `variable` is for messages.
void check_form(const Engine& engine, std::string_view form, std::string_view variable);

// The path of a file is absolute. On a server what is said may hold a password. Throws kUsage also for a path that the
// form cannot say.
std::string database_address(const Location& database, std::string_view form, std::string_view variable);

}  // namespace dbfixture
