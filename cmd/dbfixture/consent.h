// SPDX-License-Identifier: MIT
// --no-input, --confirm and the question on the terminal, for the commands that lose data. ops/guard.h has the rules.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace dbfixture {

class Session;

struct ConsentOptions {
    bool no_input = false;
    std::optional<std::string> confirm;
};

// Both, for commands that ask; the second alone for those that are only held up by the database's name.
void add_consent_options(CLI::App& app, ConsentOptions& options);
void add_confirm_option(CLI::App& app, ConsentOptions& options);

struct Loss {
    std::string action;                 // a verb that the database's name can follow: "flush"
    std::function<std::string()> what;  // "12 rows of 3 tables"; called only where it is said
    std::vector<std::string>
        command;  // the command line as typed but for these options, one word each; the database is added
    std::vector<std::string> command_end{};  // what stands behind its options
};

// The guard by name: throws kRefused for a protected database unless --confirm names it. For every command that loses
// rows, before it changes anything; not for a database that does not exist.
void guard_database(Session& session, const ConsentOptions& options, const Loss& loss);

// The guard by name and the question: throws kRefused unless the user agrees, kInterrupted for Ctrl-C at the question.
void ask_consent(Session& session, const ConsentOptions& options, const Loss& loss);

// "12 rows of 3 tables", of all that can be counted.
std::string describe_rows(Session& session);

}  // namespace dbfixture
