// SPDX-License-Identifier: MIT
// What people type when they mean something else: other tools' words, and a database where a command takes none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace dbfixture {

// For a word that is no command; "" if it means nothing in particular. `words`: the others of the command line.
std::string hint_for_command(const std::string& word, const std::vector<std::string>& words);

// For an option that the command, which has `known`, does not have; "" if it means nothing in particular.
std::string hint_for_option(std::string_view option, const std::vector<std::string>& known);

// Gives `error` the line that works if it is about one of `arguments` that is a database ("inspect app.db"), or about
// the lack of one. `words`: the command line as typed, the command first; `names_database`: one was named beside it.
void add_database_hint(Error& error, const std::vector<std::string>& arguments, const std::vector<std::string>& words,
                       bool names_database);

}  // namespace dbfixture
