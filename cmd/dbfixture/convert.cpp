// SPDX-License-Identifier: MIT
// convert: its options, and what it says when it is done. ops/convert.h does the work.
#include "ops/convert.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "session.h"

namespace dbfixture {
namespace {

struct ConvertOptions {
    InputOptions input;
    std::string to;
    int indent = -1;
};

constexpr auto kHelpText =
    "IN and OUT are files, or - for standard input and output. Formats and compression\n"
    "are told by the names; --format says the format of IN, --to that of OUT. Values\n"
    "keep their types. No database is needed.\n\n"
    "Examples:\n"
    "  dbfixture convert shop.json shop.yaml\n"
    "  dbfixture convert --format yaml - --to jsonl - < shop.yaml";

int run_convert(const ConvertOptions& options, Session& session) {
    const auto& names = session.arguments("IN OUT", 2, 2);
    const auto inputs = find_inputs({names[0]}, options.input, session);
    if (inputs.size() != 1) {
        throw Error(ErrorKind::kUsage, cat(quote(names[0]), " names ", inputs.size(), " fixtures"))
            .with_hint("name one file");
    }
    const bool to_stdout = names[1] == "-";
    if (to_stdout && session.report.json()) {
        throw Error(ErrorKind::kUsage, "--json needs a file as OUT, because standard output carries the result");
    }
    const FixtureTarget target = choose_target(names[1], options.to, inputs[0].format->name, "--to");
    const ReplaceCheck check = protect_files(session, false);
    check_target(target, check);
    const std::unique_ptr<ByteSink> sink = open_target(target, check, session.report);
    WriteOptions write;
    write.indent = options.indent;
    std::uint64_t records = 0;
    {
        const Activity activity(session.report, "Converting", inputs);
        records = convert(inputs[0], *target.format, write, *sink);
        sink->finish();
    }
    if (!to_stdout) session.report.set_done();
    if (!to_stdout) session.report.note(cat("Converted ", records, " record(s) to ", target.path));
    session.report.result([&](JsonText& json) {
        json.field("input", inputs[0].name).field("output", target.path).field("format", target.format->name);
        json.optional_field("compression", target.compression).field("records", records);
    });
    return 0;
}

}  // namespace

Action attach_convert(CLI::App& app) {
    auto options = std::make_shared<ConvertOptions>();
    add_input_options(app, options->input);
    add_text(app, "--to", options->to, "FORMAT", cat(format_list(), " (else by the extension of OUT, else as IN)"));
    add_number(app, "--indent", options->indent, {0, 100}, "N", "indent by N spaces, one value a line");
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_convert(*options, session); };
}

}  // namespace dbfixture
