// SPDX-License-Identifier: MIT
// Consent to lose data (DESIGN 10), in two parts:
//
//  1. The guard by name. A database of which one of the names (DatabaseIdentity::names), or the alias, has the word
//     "prod", "production" or "live", or of which the config says `protected: true`, wants its name retyped, whatever
//     else was said. A word is a whole run of letters: "products" has none. `protected: false` of this database ends
//     it.
//     On a server it is the other way round: only a database whose name has the word "test" ("tests", "testing") goes
//     without, or one that the config (`disposable: true`) or the database itself (db/open.h: opinion_of()) gives up.
//  2. The question. Not interactive never means yes. `disposable: true` in the config answers it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "db/location.h"

namespace dbfixture {

struct GuardRequest {
    std::string action;  // what would be done, as a verb: "flush"
    DatabaseIdentity database;
    std::string alias;                  // that it was named by; "" if it was not
    std::function<std::string()> loss;  // what would be lost: "12 rows of 3 tables"; asked only where it is said
    std::optional<bool> is_protected;   // by the config
    bool disposable = false;            // by the config
    // Whether it is a copy made to be thrown away, whatever it is called and the config says; asked only where that
    // matters.
    std::function<bool()> is_throwaway{};
    bool says_disposable = false;        // the database itself; it does not answer the question
    std::string valuable{};              // by the database: why it should not, as a sentence; "" for nothing
    bool no_input = false;               // --no-input
    std::optional<std::string> confirm;  // --confirm
    std::string command;                 // the command line as typed, for the override in the message
    std::string command_end{};           // what stands behind its options: " -- pytest"
    // Asks on the terminal and returns the answer; empty where there is no terminal.
    std::function<std::string(const std::string& question)> ask;
};

// Part 1 alone. Throws kRefused, saying what matched, what would have been lost, and the exact override.
void require_unprotected(const GuardRequest& request);

// Both parts: returns if the user agreed, and throws kRefused otherwise.
void require_consent(const GuardRequest& request);

// What --confirm has to say: the database's own name. (The name as given is taken, too.)
std::string confirmation_name(const GuardRequest& request);

}  // namespace dbfixture
