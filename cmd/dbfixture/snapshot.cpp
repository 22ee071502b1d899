// SPDX-License-Identifier: MIT
// snapshot: its options, and what it says. state/snapshot.h does the work.
#include "state/snapshot.h"

#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "db/engine.h"
#include "options.h"
#include "session.h"
#include "state.h"

namespace dbfixture {
namespace {

struct SnapshotCommandOptions {
    std::string store;
    bool force = false;
    bool serialized = false;
    bool as_template = false;
    bool end_sessions = false;
};

constexpr auto kHelpText =
    "Saves the whole state: every table, the schema, the sequences. The name is \"default\"\n"
    "unless one is given. restore puts it back.\n\n"
    "Example:\n"
    "  dbfixture snapshot -d test.db migrated";

std::string_view meaning_of(StateKind kind) {
    switch (kind) {
        case StateKind::kImage:
            return "the bytes of the file";
        case StateKind::kTemplate:
            return "a clone of the database on its server";
        case StateKind::kCopy:
            return "copies of the tables, in a schema of the database itself";
        case StateKind::kSerialized:
            return "records, in a file";
    }
    return "";
}

void say_kind(Session& session, const StateRequest& request, const SnapshotOptions& options) {
    if (session.report.verbosity() < 2) return;
    const StateKind kind = options.kind.value_or(default_form(request).kind);
    session.report.note(
        cat("Saving a state of kind ", name_of(kind), " (", meaning_of(kind),
            "): ", options.kind ? std::string("as asked for") : cat("the default of ", request.database.engine->name)));
}

int run_snapshot(const SnapshotCommandOptions& command, Session& session) {
    const auto& names = session.arguments("[NAME]", 0, 1);
    SnapshotOptions options;
    if (!names.empty()) options.name = names[0];
    options.force = command.force;
    if (command.serialized && command.as_template)
        throw Error(ErrorKind::kUsage, "--serialized and --template cannot both be given");
    if (command.serialized) options.kind = StateKind::kSerialized;
    if (command.as_template) options.kind = StateKind::kTemplate;
    options.tool = tool_version();
    if (command.end_sessions && !command.as_template)
        throw Error(ErrorKind::kUsage, "--end-sessions goes with --template only")
            .with_hint("other snapshots are saved with others connected");
    StateRequest request = state_request(session, command.store);
    request.end_sessions = command.end_sessions;
    say_kind(session, request, options);
    const std::string warning = respect_runs(request, Use::kSave);
    if (!warning.empty()) session.report.warnings({warning});
    const SnapshotReport report =
        watched(session.report, cat("Saving snapshot ", quote(options.name)), request,
                [&](const StateRequest& watched_request) { return take_snapshot(watched_request, options); });
    session.report.set_done();
    const Manifest& manifest = report.manifest;
    session.report.warnings(report.warnings);
    session.report.line(cat(report.replaced ? "Replaced snapshot " : "Saved snapshot ", quote(options.name), ": ",
                            plural(row_count(manifest), "row"), " of ", plural(manifest.tables.size(), "table"),
                            uncounted(manifest), ", ", human_size(manifest.bytes)));
    session.report.result([&](JsonText& json) {
        json.field("store", report.store).field("replaced", report.replaced).key("snapshot").begin_object();
        add_manifest(json, options.name, manifest);
        json.end_object();
    });
    return 0;
}

}  // namespace

Action attach_snapshot(CLI::App& app) {
    auto options = std::make_shared<SnapshotCommandOptions>();
    add_store_option(app, options->store);
    add_flag(app, "--force", options->force, "replace the snapshot of that name");
    add_flag(app, "--serialized", options->serialized,
             "save records, which fit any machine and version, instead of an image or copies");
    add_flag(app, "--template", options->as_template,
             "save a clone of the database on its server, the schema included, instead of copies");
    add_flag(app, "--end-sessions", options->end_sessions,
             "with --template: end the sessions of others in the database, for which nobody may be connected");
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_snapshot(*options, session); };
}

}  // namespace dbfixture
