// SPDX-License-Identifier: MIT
// Where a database is, in the words of those that are to open it: values of environment variables such as DATABASE_URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

struct Engine;

// Of this engine or of another.
std::vector<std::string> address_forms(const Engine& engine);

// Throws kUsage for a form that there is not, with the list and the nearest, and for one that a database in a file does
// not have. `variable` is for messages.
void check_file_form(const Engine& engine, std::string_view form, std::string_view variable);

// Of the database in `file`, an absolute path. Throws kUsage also for a path that the form cannot say.
std::string file_address(const Engine& engine, std::string_view form, std::string_view variable,
                         const std::string& file);

}  // namespace dbfixture
