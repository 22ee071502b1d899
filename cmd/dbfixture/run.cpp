// SPDX-License-Identifier: MIT
// run: its options, and what it says. state/run.h does the work.
//
// Standard output is the command's own; with --json it goes to standard error, so that the document stands alone.
// Errors before the command is started that nobody but the caller can mend (usage, a guard, somebody else's lock) have
// their usual status, so has an interrupt; 126 and 127 are for a command that cannot be run; all else is 125.
#include "state/run.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "db/address_forms.h"
#include "db/private_copy.h"
#include "diff_command.h"
#include "input.h"
#include "loading.h"
#include "options.h"
#include "session.h"
#include "state.h"

namespace dbfixture {
namespace {

constexpr int kOwnFailure = 125;

struct RunCommandOptions {
    std::vector<std::string> fixtures;
    std::optional<std::string> restore;
    std::string store;
    bool temp = false;
    std::string schema;
    bool keep = false;
    bool keep_failed = false;
    std::vector<std::string> variables;
    std::vector<std::string> expected, ignore;
    bool drop_triggers = false;
    ConsentOptions consent;
};

constexpr auto kHelpText =
    "Runs CMD with DATABASE_URL and DBFIXTURE_DATABASE set, on the database or, with --temp, on\n"
    "a throwaway copy of it, in memory where there is room. Afterwards everything is as before,\n"
    "however CMD ended. The exit status is that of CMD (128+n for signal n), 126 or 127 if CMD\n"
    "cannot be run, 125 if dbfixture itself failed.\n\n"
    "With --expect the database is compared with that fixture behind a CMD that ended with 0;\n"
    "where it is not so, the differences are shown and the status is 1.\n\n"
    "Forms of --env: path, url, sqlalchemy, rails, prisma; of a database on a server url,\n"
    "sqlalchemy, host, port, user, password, dbname.\n\n"
    "Examples:\n"
    "  dbfixture run -d test.db --fixture users -- pytest -x\n"
    "  dbfixture run -d test.db --temp --env DB_PATH=path -- npm test\n"
    "  dbfixture run -d test.db --expect after.yaml -- ./import.sh orders.csv";

// What stands behind "--".
std::vector<std::string> command_of(Session& session) {
    constexpr auto kUsage = "the command to run stands behind \"--\"";
    const auto& arguments = session.arguments("-- CMD [ARG...]", 0, Session::kAny);
    const auto& words = session.words();
    const auto mark = std::ranges::find(words, "--");
    const auto behind = static_cast<std::size_t>(words.end() - mark);  // the mark, and what follows
    if (arguments.size() + 1 == behind && !arguments.empty()) return arguments;
    if (mark != words.end() && !arguments.empty())
        throw Error(ErrorKind::kUsage, cat("unexpected argument ", quote(arguments[0]))).with_hint(kUsage);
    std::string line = "dbfixture run [OPTIONS] --";
    for (const std::string& word : arguments)
        append(line, cat(" ", shell_word(word)));
    throw Error(ErrorKind::kUsage, arguments.empty() ? "no command to run is named" : kUsage)
        .with_hint(arguments.empty() ? line + " CMD [ARG...]" : line);
}

AddressVariable parse_variable(const std::string& text, const Engine& engine) {
    const std::size_t equals = text.find('=');
    AddressVariable variable{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool named = !variable.name.empty() && std::ranges::all_of(variable.name, is_part) &&
                       (variable.name[0] < '0' || variable.name[0] > '9');
    if (!named || equals == std::string::npos) {
        throw Error(ErrorKind::kUsage, cat("--env takes NAME=FORM, not ", quote(text)))
            .with_detail(cat("The forms are ", quote_list(address_forms(engine)), "."))
            .with_hint("for example --env DB_PATH=path");
    }
    if (variable.name == "DBFIXTURE_RUN")
        throw Error(ErrorKind::kUsage, "DBFIXTURE_RUN names the run, and cannot be set by --env");
    check_form(engine, variable.form, variable.name);
    return variable;
}

void check_options(const RunCommandOptions& options) {
    const auto only_with_temp = [&](bool given, std::string_view name) {
        if (!given || options.temp) return;
        throw Error(ErrorKind::kUsage, cat(name, " goes with --temp only"))
            .with_hint("without --temp the command runs on the database itself, which is put back afterwards");
    };
    only_with_temp(options.keep, "--keepdb");
    only_with_temp(options.keep_failed, "--keep-failed");
    only_with_temp(!options.schema.empty(), "--schema");
    const auto refuse_stdin = [](const std::vector<std::string>& names, std::string_view option) {
        if (std::ranges::find(names, "-") == names.end()) return;
        throw Error(ErrorKind::kUsage, cat(option, " - would read the standard input of the command"))
            .with_hint("write the fixture to a file first");
    };
    refuse_stdin(options.fixtures, "--fixture");
    refuse_stdin(options.expected, "--expect");
    if (options.expected.empty() && !options.ignore.empty())
        throw Error(ErrorKind::kUsage, "--ignore goes with --expect only");
}

void guard_run(Session& session, const RunCommandOptions& options, const std::vector<std::string>& command) {
    if (options.temp) return;  // the database itself is only read
    Loss loss{"run a command on", [] { return "what others write to it meanwhile, and all if it cannot be put back"; },
              session.words()};
    loss.command.resize(loss.command.size() - command.size() - 1);
    loss.command_end = command;
    loss.command_end.insert(loss.command_end.begin(), "--");
    guard_database(session, options.consent, loss);
}

std::vector<std::string> load_fixtures(Session& session, const std::vector<FixtureInput>& inputs,
                                       const Location& database, bool drop_triggers) {
    LoadRequest request;
    request.fixtures = inputs;
    request.apps = session.config().apps;
    request.layouts = session.config().layouts;
    request.drop_triggers = drop_triggers;
    const auto connection = session.open(database, OpenMode::kReadWrite);
    return load_watched(*connection, request, session.report).report.warnings;
}

// What --expect says against what the command left: printed, for its document counted.
struct Expectation {
    DiffSelection selection;
    std::vector<std::string> names;
    std::vector<FixtureInput> fixtures;
    std::optional<DiffReport> report{};

    bool holds(Session& session, const Location& database) {
        const auto connection = session.open(database, OpenMode::kReadOnly);
        DiffSide a, b;
        a.is_fixture = true;
        a.fixtures = fixtures;
        a.connection = b.connection = connection.get();
        for (const std::string& name : names)
            append(a.name, cat(a.name.empty() ? "" : " ", name));
        b.name = session.names_database() ? session.location().shown : std::string("the copy");
        report = print_differences(session, a, b, selection);
        session.report.flush();
        return !report->any();
    }
    void add_to(JsonText& json) const {
        if (!report) return;
        json.key("expect").begin_object().field("equal", !report->any()).key("tables").begin_list();
        for (const TableCount& table : report->tables) {
            if (!table.any()) continue;
            json.begin_object().field("table", table.label).field("added", table.only_b);
            json.field("removed", table.only_a).field("changed", table.differs).end_object();
        }
        json.end_list().end_object();
    }
};

void say_before(Session& session, const RunOptions& options, const std::string& database,
                const std::vector<std::string>& notes) {
    session.report.warnings(notes);
    if (session.report.verbosity() > 1)
        session.report.note(cat("Running ", options.words[0], " on ", options.temp ? "the copy " : "", database));
    session.report.flush();
}

// Everything is done, so nothing that goes wrong now changes the status.
int say_after(Session& session, const std::string& database, const RunOptions& options, const RunReport& report,
              const Expectation& expectation) {
    session.report.set_done();
    session.report.warnings(report.warnings);
    if (!report.kept.empty()) session.report.note(cat("Kept the copy ", report.kept));
    session.report.result([&](JsonText& json) {
        json.field("database", database).field("temp", options.temp).field("status", report.status).key("kept");
        report.kept.empty() ? json.null() : json.value(report.kept);
        expectation.add_to(json);
    });
    try {
        session.report.flush();
    } catch (const ClosedPipe&) {
    } catch (const Error& error) {
        session.report.done_but(error);
    }
    return report.status;
}

int run_run(const RunCommandOptions& command, Session& session) {
    RunOptions options;
    options.words = command_of(session);
    check_options(command);
    const Engine& engine = session.names_database() ? *session.location().engine : file_engine();
    for (const std::string& text : command.variables)
        options.variables.push_back(parse_variable(text, engine));
    options.snapshot = command.restore;
    options.temp = command.temp;
    options.schema = command.schema;
    options.keep = command.keep;
    options.keep_failed = command.keep_failed;
    options.output_to_stderr = session.report.json();
    options.inherited = session.caller.signals;
    options.tool = tool_version();
    try {
        find_program(options.words[0]);
        const bool named = command.schema.empty() || session.names_database();
        StateRequest state;
        if (named) state = state_request(session, command.store, command.drop_triggers);
        state.busy_timeout_ms = session.busy_timeout_ms();
        const std::vector<FixtureInput> inputs = find_inputs(command.fixtures, InputOptions(), session);
        Expectation expectation{{}, command.expected, find_inputs(command.expected, InputOptions(), session)};
        expectation.selection.ignore = command.ignore;
        if (!expectation.fixtures.empty())
            options.is_as_expected = [&](const Location& database) { return expectation.holds(session, database); };
        guard_run(session, command, options.words);
        if (!inputs.empty())
            options.load = [&](const Location& database) {
                return load_fixtures(session, inputs, database, command.drop_triggers);
            };
        options.before_start = [&](const std::string& database, const std::vector<std::string>& notes) {
            say_before(session, options, database, notes);
            session.report.set_failure_status(kOwnFailure);
        };
        const RunReport report = run_command(state, options);
        return say_after(session, state.database.shown, options, report, expectation);
    } catch (const CannotRun& error) {
        session.report.set_failure_status(error.status);
        throw;
    } catch (const Error& error) {
        const bool as_usual = error.kind == ErrorKind::kUsage || error.kind == ErrorKind::kRefused ||
                              error.kind == ErrorKind::kBusy || error.kind == ErrorKind::kInterrupted;
        if (!as_usual) session.report.set_failure_status(kOwnFailure);
        if (error.kind == ErrorKind::kInterrupted) session.report.set_failure_status(0);
        throw;
    }
}

}  // namespace

Action attach_run(CLI::App& app) {
    auto options = std::make_shared<RunCommandOptions>();
    add_list(app, "--fixture", options->fixtures, "FIXTURE", "load this before the command starts; may be repeated");
    add_text(app, "--restore", options->restore, "SNAPSHOT", "restore this snapshot first");
    add_store_option(app, options->store);
    add_flag(app, "--temp", options->temp, "run on a throwaway copy, in memory where there is room");
    add_text(app, "--schema", options->schema, "FILE.sql", "with --temp: make the copy by these SQL statements");
    add_flag(app, "--keepdb", options->keep, "with --temp: keep the copy, and say where it is");
    add_flag(app, "--keep-failed", options->keep_failed, "with --temp: keep the copy if the command fails");
    add_list(app, "--env", options->variables, "NAME=FORM",
             "set this environment variable to the database, in this form; may be repeated");
    add_drop_triggers_option(app, options->drop_triggers);
    add_list(app, "--expect", options->expected, "FIXTURE",
             "compare the database with this behind the command; may be repeated");
    add_list(app, "--ignore", options->ignore, "LABEL.COLUMN",
             "with --expect: do not compare this column; '*.COLUMN' in every table; may be repeated");
    add_confirm_option(app, options->consent);
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_run(*options, session); };
}

}  // namespace dbfixture
