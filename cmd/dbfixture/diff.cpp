// SPDX-License-Identifier: MIT
// diff: its options. ops/diff/diff.h does the work.
#include <memory>

#include "base/cat.h"
#include "commands.h"
#include "diff_command.h"
#include "diff_fixture.h"
#include "diff_sides.h"
#include "options.h"
#include "output.h"
#include "session.h"
#include "state.h"

namespace dbfixture {
namespace {

struct DiffCommandOptions {
    std::string format = "text";
    std::string output;
    std::string store;
    std::vector<std::string> fixture_dirs;
    DiffSelection selection;
};

constexpr auto kHelpText =
    "A and B are each a fixture, a database (its file, URL or alias) or snapshot:NAME; B is the\n"
    "database unless it is named. Shows what B has and A has not (+), the other way round (-), and\n"
    "what differs (~ with the value of A, then that of B). Of a fixture only what it says is\n"
    "compared: its tables, and of its records their fields; {\"$any\": true} in place of a value or\n"
    "key is anything, {\"$match\": \"REGEX\"} a text that matches. Exit status 0 if nothing differs,\n"
    "1 if something does.\n\n"
    "Examples:\n"
    "  dbfixture diff -d test.db expected.yaml --ignore '*.updated_at'\n"
    "  dbfixture diff -d test.db snapshot:before --stat\n"
    "  dbfixture diff -d test.db snapshot:before --format fixture -o undo.json";

void check_usage(const DiffCommandOptions& options, const Session& session) {
    const bool fixture = options.format == "fixture";
    if (!options.output.empty() && !fixture) throw Error(ErrorKind::kUsage, "--output goes with --format fixture only");
    if (fixture && session.report.json() && (options.output.empty() || options.output == "-")) {
        throw Error(ErrorKind::kUsage, "--json needs --output, because standard output carries the result")
            .with_hint("name a file with -o");
    }
}

// The rows of A that B lacks, to where they are wanted.
bool write_fixture(Session& session, const DiffCommandOptions& command, const DiffSide& a, const DiffSide& b) {
    const DumpDefaults& defaults = session.config().dump;
    const FixtureTarget target =
        choose_target(command.output, "", defaults.format.empty() ? "json" : defaults.format, "--output");
    const ReplaceCheck check = protect_files(session, session.names_database());
    check_target(target, check);
    const std::unique_ptr<ByteSink> sink = open_target(target, check, session.report);
    WriteOptions write;
    write.indent = defaults.indent.value_or(-1);
    const auto writer = target.format->make_writer(*sink, write);
    DiffFixture fixture(*writer);
    const DiffReport report = compare(a, b, diff_options(command.selection, session), fixture);
    writer->finish();
    sink->finish();
    session.report.warnings(report.warnings);
    session.report.warnings(fixture.warnings());
    if (!target.path.empty()) session.report.note(cat("Wrote ", fixture.records(), " record(s) to ", target.path));
    session.report.result([&](JsonText& json) {
        json.field("a", a.name).field("b", b.name).field("output", target.path).field("records", fixture.records());
        json.field("tables_compared", report.tables.size()).field("equal", !report.any());
    });
    return !report.any();
}

int run_diff(const DiffCommandOptions& command, Session& session) {
    if (command.format == "json") session.report.give_document();
    check_usage(command, session);
    const auto& names = session.arguments("A [B]", 1, 2);
    InputOptions input;
    input.fixture_dirs = command.fixture_dirs;
    DiffSides sides(session, command.store, input);
    bool equal = true;
    sides.open(names[0], names.size() > 1 ? names[1] : "", [&](const DiffSide& a, const DiffSide& b) {
        equal = command.format == "fixture" ? write_fixture(session, command, a, b)
                                            : show_differences(session, a, b, command.selection);
    });
    return equal ? 0 : 1;
}

}  // namespace

Action attach_diff(CLI::App& app) {
    auto options = std::make_shared<DiffCommandOptions>();
    add_choice(app, "-f,--format", options->format, {"text", "json", "fixture"},
               "how it is said; fixture: rows of A that make B hold them when they are loaded (text)");
    add_text(app, "-o,--output", options->output, "FILE", "with --format fixture: write to FILE, as dumpdata does");
    add_selection_options(app, options->selection);
    add_store_option(app, options->store);
    add_list(app, "--fixture-dir", options->fixture_dirs, "DIR", "search this folder too; may be repeated");
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_diff(*options, session); };
}

}  // namespace dbfixture
