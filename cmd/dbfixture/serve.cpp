// SPDX-License-Identifier: MIT
// serve (DESIGN 17): commands from standard input, each answered with what the command line gives for it. Nothing is
// kept between two commands but what serve was started with: no lock, no config, no connection; but for the one to a
// server that the last command used, for a second: who wants to drop the database waits for longer than that.
#include <memory>

#include "base/cat.h"
#include "base/interrupt.h"
#include "commands.h"
#include "options.h"
#include "program.h"
#include "seen_databases.h"
#include "serve_pipe.h"
#include "serve_request.h"
#include "session.h"

namespace dbfixture {
namespace {

constexpr int kKeptMs = 1000;

constexpr auto kHelpText =
    "Reads commands from standard input, one on a line, and answers each with one line of JSON.\n"
    "For test suites that do not want to start a process for each reset. A line is a list of\n"
    "words, or an object that also says what the command finds on its standard input:\n\n"
    "  [\"push\", \"feature\", \"users\"]\n"
    "  {\"argv\": [\"loaddata\", \"-\"], \"stdin\": \"[...]\"}\n\n"
    "An answer has \"status\", the exit status; \"result\", the document of --json; \"warnings\"; and\n"
    "\"output\", what the command prints on standard output (up to 16 MB). Options given to serve\n"
    "hold for all commands. All commands work but run, serve and completion. It ends with its input.\n\n"
    "Example:\n"
    "  echo '[\"reset\"]' | dbfixture serve -d test.db";

std::string write_answer(int status, const Captured& captured) {
    JsonText answer(JsonText::Lines::kOne);
    answer.begin_object().field("status", status).key("result");
    captured.document.empty() ? answer.null() : answer.document(captured.document);
    answer.field("warnings", captured.warnings).field("output", captured.output).end_object();
    return answer.finish();
}

std::string answer_to(ServePipe::Line& line, Caller& caller) {
    Captured captured;
    Report report(captured);
    int status = 0;
    try {
        if (line.too_long)
            throw Error(ErrorKind::kUsage, "the line is too long").with_hint("give the fixture as a file");
        ServeRequest request = parse_request(line.text);
        std::string().swap(line.text);
        caller.input = request.input ? std::move(*request.input) : std::string();
        status = run_program(request.words, caller, report);
    } catch (const Error& error) {
        status = refuse_program(error, report);
    }
    for (std::string& sentence : caller.seen->take_replaced())
        captured.warnings.push_back(std::move(sentence));
    return write_answer(status, captured);
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t\r") == std::string::npos;
}

int run_serve(Session& session) {
    session.arguments("", 0, 0);
    SeenDatabases seen;
    Caller caller = session.caller;
    caller.options = session.options();
    caller.serves = true;
    caller.parent = calling_process();
    caller.seen = &seen;
    ServePipe pipe;
    const auto release = [&seen] { seen.release(); };
    for (ServePipe::Line line; pipe.read(line, kKeptMs, release);) {
        if (line.too_long || !is_blank(line.text)) pipe.write(answer_to(line, caller));
    }
    return pending_interrupt() == 0 ? 0 : 128 + pending_interrupt();
}

}  // namespace

Action attach_serve(CLI::App& app) {
    add_help_text(app, kHelpText);
    return run_serve;
}

}  // namespace dbfixture
