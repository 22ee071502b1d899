// SPDX-License-Identifier: MIT
#include "consent.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "db/open.h"
#include "ops/guard.h"
#include "options.h"
#include "session.h"
#include "state/temp_folder.h"

namespace dbfixture {
namespace {

// A signal may come between two looks at it and the wait for input, which it would then not end: hence the short waits.
void wait_for_input() {
    constexpr int kWaitMs = 100;
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    do {
        check_interrupt();
    } while (::poll(&input, 1, kWaitMs) <= 0);
}

// A line from standard input; what there is at its end.
std::string ask_on_terminal(const std::string& question) {
    std::cerr << question << std::flush;
    std::string answer;
    for (char c = 0;;) {
        wait_for_input();
        const ssize_t got = ::read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || c == '\n') return answer;
        answer += c;
    }
}

bool names_database(const std::vector<std::string>& command) {
    return std::ranges::any_of(
        command, [](const std::string& word) { return word.starts_with("-d") || word.starts_with("--database"); });
}

GuardRequest make_request(Session& session, const ConsentOptions& options, const Loss& loss) {
    const DatabaseChoice& choice = session.database();
    const DatabaseRules rules = session.rules();
    GuardRequest request;
    request.action = loss.action;
    request.database = session.identity();
    if (choice.by_alias) request.alias = choice.alias;
    request.loss = loss.what;
    request.is_protected = rules.is_protected;
    request.disposable = rules.disposable.value_or(false);
    DatabaseOpinion opinion;
    if (request.is_protected != false) opinion = opinion_of(session.location(), session.busy_timeout_ms());
    request.says_disposable = opinion.disposable;
    request.valuable = opinion.valuable;
    request.is_throwaway = [database = request.database, is_copy = opinion.throwaway] {
        return is_copy || read_temp_mark(database).has_value();
    };
    request.no_input = options.no_input;
    request.confirm = options.confirm;
    request.command = "dbfixture";
    for (const std::string& word : loss.command)
        request.command += " " + shell_word(word);
    for (const std::string& word : loss.command_end)
        request.command_end += " " + shell_word(word);
    if (!names_database(loss.command))
        request.command += " -d " + shell_word(choice.by_alias ? choice.alias : shown_url(choice.url));
    if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) request.ask = ask_on_terminal;
    return request;
}

}  // namespace

void add_confirm_option(CLI::App& app, ConsentOptions& options) {
    add_text(app, "--confirm", options.confirm, "NAME",
             "the database's name, retyped: needed where the name or the config says production");
}

void add_consent_options(CLI::App& app, ConsentOptions& options) {
    add_flag(app, "--no-input,--noinput", options.no_input, "do not ask");
    add_confirm_option(app, options);
}

void guard_database(Session& session, const ConsentOptions& options, const Loss& loss) {
    require_unprotected(make_request(session, options, loss));
}

void ask_consent(Session& session, const ConsentOptions& options, const Loss& loss) {
    require_consent(make_request(session, options, loss));
}

std::string describe_rows(Session& session) {
    const auto connection = session.open(OpenMode::kReadOnly);
    const Schema& schema = connection->schema();
    std::uint64_t rows = 0;
    std::size_t unread = 0;
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        try {
            if (schema.tables[i].unreadable.empty()) {
                rows += connection->statistics(i).rows;
                continue;
            }
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kFailure) throw;  // this role may not read it
        }
        ++unread;
    }
    return cat(plural(rows, "row"), " of ", plural(schema.tables.size(), "table"),
               unread > 0 ? cat(" (", unread, " of them cannot be counted)") : std::string());
}

}  // namespace dbfixture
