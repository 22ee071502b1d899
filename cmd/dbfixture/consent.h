// SPDX-License-Identifier: MIT
// --no-input, --confirm and the question on the terminal, for the commands that lose data.
#pragma once

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

void add_consent_options(CLI::App& app, ConsentOptions& options);

// Throws kRefused unless the user agrees that `loss` goes. `command` is the command line as typed but for these
// options, one word each; the database is added.
void ask_consent(Session& session, const ConsentOptions& options, const std::string& action, const std::string& loss,
                 std::vector<std::string> command);

}  // namespace dbfixture
