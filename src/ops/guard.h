// SPDX-License-Identifier: MIT
// Consent to lose data (DESIGN 10). Not interactive never means yes.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace dbfixture {

struct GuardRequest {
    std::string action;         // what would be done, as a verb: "flush"
    std::string database;       // as people know it: a path
    std::string loss;           // what would be lost: "12 rows of 3 tables"
    bool is_protected = false;  // by the config
    bool no_input = false;
    std::optional<std::string> confirm;  // --confirm
    std::string command;                 // the command line as typed, for the override in the message
    // Asks on the terminal and returns the answer; empty where there is no terminal.
    std::function<std::string(const std::string& question)> ask;
};

// Returns if the user agreed. Throws kRefused otherwise, saying what matched, what would have been lost, and the exact
// override.
void require_consent(const GuardRequest& request);

// The part of a database's name that has to be retyped: the file's name.
std::string confirmation_name(const std::string& database);

}  // namespace dbfixture
