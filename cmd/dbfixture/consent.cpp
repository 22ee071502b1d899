// SPDX-License-Identifier: MIT
#include "consent.h"

#include <unistd.h>

#include <iostream>

#include "base/cat.h"
#include "base/shell_word.h"
#include "ops/guard.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

std::string ask_on_terminal(const std::string& question) {
    std::cerr << question << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer;
}

}  // namespace

void add_consent_options(CLI::App& app, ConsentOptions& options) {
    add_flag(app, "--no-input,--noinput", options.no_input, "do not ask");
    add_text(app, "--confirm", options.confirm, "NAME",
             "the database's file name, retyped: needed where the name or the config says production");
}

void ask_consent(Session& session, const ConsentOptions& options, const std::string& action, const std::string& loss,
                 std::vector<std::string> command) {
    GuardRequest request;
    request.action = action;
    request.database = session.database().url;
    request.loss = loss;
    request.is_protected = session.config().is_protected;
    request.no_input = options.no_input;
    request.confirm = options.confirm;
    command.insert(command.end(), {"-d", redact_url(session.database().url)});
    request.command = "dbfixture";
    for (const std::string& word : command)
        request.command += " " + shell_word(word);
    if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) request.ask = ask_on_terminal;
    require_consent(request);
}

}  // namespace dbfixture
