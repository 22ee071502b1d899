// SPDX-License-Identifier: MIT
// check: its options, and its list of problems. ops/check.h does the work.
#include "ops/check.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "input.h"
#include "options.h"
#include "progress.h"
#include "session.h"

namespace dbfixture {
namespace {

struct CheckOptions {
    InputOptions input;
    int max_problems = 100;
};

constexpr auto kHelpText =
    "Verifies everything that loaddata would, and lists every problem on a line. The\n"
    "database is only read. Without a database, only what the files show is checked.\n"
    "Exit status 0 if there is no problem, 1 if there is one.\n\n"
    "Example:\n"
    "  dbfixture check -d shop.db fixtures/*.yaml";

// The error's first line: place and message.
std::string one_line(const Error& problem) {
    std::string text = format_error(problem);
    text.resize(text.find('\n'));
    return problem.hint.empty() ? text : cat(text, " (", problem.hint, ")");
}

void add_problem(JsonText& json, const Error& problem) {
    json.begin_object().field("message", problem.message);
    json.optional_field("file", problem.where.file);
    if (problem.where.line > 0) json.field("line", problem.where.line);
    if (problem.where.record > 0) json.field("record", problem.where.record);
    json.optional_field("table", problem.where.table).optional_field("key", problem.where.key);
    json.optional_field("column", problem.where.column);
    json.optional_field("detail", problem.detail).optional_field("hint", problem.hint);
    json.end_object();
}

int run_check(const CheckOptions& options, Session& session) {
    CheckRequest request;
    request.fixtures = find_inputs(session.arguments("FIXTURE...", 1, Session::kAny), options.input, session);
    request.apps = session.config().apps;
    request.layouts = session.config().layouts;
    request.most_problems = static_cast<std::size_t>(options.max_problems);
    const std::unique_ptr<Connection> connection =
        session.names_database() ? session.open(OpenMode::kReadOnly) : nullptr;
    const CheckReport report = [&] {
        const Activity activity(session.report, "Checking", request.fixtures);
        return check_fixtures(connection.get(), request);
    }();

    if (session.report.verbosity() > 1) session.report.warnings(report.notes);
    session.report.warnings(report.warnings);
    for (const Error& problem : report.problems)
        session.report.data(cat(one_line(problem), "\n"));
    if (report.problem_count > report.problems.size()) {
        session.report.data(
            cat("... and ", plural(report.problem_count - report.problems.size(), "more problem"), "\n"));
    }
    session.report.line(cat("Checked ", report.records, " object(s) from ", request.fixtures.size(), " fixture(s): ",
                            report.problem_count == 0 ? "no problem" : plural(report.problem_count, "problem"),
                            connection ? "" : " (without a database)"));
    session.report.result([&](JsonText& json) {
        json.field("records", report.records).field("problem_count", report.problem_count).key("problems").begin_list();
        for (const Error& problem : report.problems)
            add_problem(json, problem);
        json.end_list();
    });
    return report.problem_count == 0 ? 0 : 1;
}

}  // namespace

Action attach_check(CLI::App& app) {
    auto options = std::make_shared<CheckOptions>();
    add_input_options(app, options->input);
    add_number(app, "--max-problems", options->max_problems, {1, 1000000}, "N",
               "list at most N problems, then count (100)");
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_check(*options, session); };
}

}  // namespace dbfixture
