// SPDX-License-Identifier: MIT
// restore: its options, and what it says. state/restore.h does the work.
#include "state/restore.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "diff_command.h"
#include "diff_json.h"
#include "options.h"
#include "session.h"
#include "state.h"
#include "state/layers.h"

namespace dbfixture {
namespace {

struct RestoreCommandOptions {
    std::string store;
    bool latest = false;
    bool force = false;
    bool dry_run = false;
    bool rows = false;
    bool drop_triggers = false;
    bool end_sessions = false;
    bool rebuild = false;
    std::vector<std::string> keep;
    ConsentOptions consent;
};

constexpr auto kHelpText =
    "Puts the database back to a snapshot, in place: other programs may have it open and\n"
    "see the restored state at their next transaction. The name is \"default\" unless one\n"
    "is given. Killed at any moment, the database is as before or as restored.\n\n"
    "Example:\n"
    "  dbfixture restore -d test.db migrated";

template <typename Action>
auto watched(Session& session, ChosenSnapshot& chosen, Action action) {
    Activity activity(session.report, cat("Restoring snapshot ", quote(chosen.name)));
    chosen.states->watch(activity.work());
    auto result = action();
    chosen.states->watch(nullptr);
    return result;
}

// Where there is no database, nothing can be lost. A forced restore of another database's snapshot loses for good what
// is there, and so it asks.
void guard_restore(Session& session, const RestoreCommandOptions& command, const ChosenSnapshot& chosen) {
    if (!chosen.states->exists()) return;
    const auto what = [&]() -> std::string {
        try {
            return describe_rows(session);
        } catch (const Error&) {
            return "all there is";  // a database that cannot be read is restored all the same
        }
    };
    Loss loss{"restore", what, {"restore", chosen.name}};
    if (!command.store.empty()) loss.command.insert(loss.command.end(), {"--store", command.store});
    if (command.rebuild) loss.command.emplace_back("--rebuild");
    for (const std::string& table : command.keep)
        loss.command.insert(loss.command.end(), {"--keep", table});
    if (!chosen.foreign) return guard_database(session, command.consent, loss);
    loss.action = cat("restore the snapshot of ", quote(chosen.manifest.database), " into");
    loss.command.insert(loss.command.begin() + 2, "--force");
    ask_consent(session, command.consent, loss);
}

std::string describe_change(const TableChange& change) {
    if (change.before && !change.after && change.schema) return cat("dropped, with ", plural(*change.before, "row"));
    if (!change.before && change.after && change.schema) return cat("created, with ", plural(*change.after, "row"));
    std::string text;
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) append(text, cat(text.empty() ? "" : ", ", count, what));
    };
    add(change.removed, " removed");
    add(change.added, " added");
    add(change.changed, " changed");
    if (change.schema) append(text, text.empty() ? "other definition" : ", other definition");
    return text;
}

std::string conclusion(const StateChanges& preview, const std::string& name) {
    if (preview.any()) return cat("Would restore snapshot ", quote(name));
    const bool nothing = std::any_of(preview.not_compared.begin(), preview.not_compared.end(),
                                     [](const UncomparedTable& table) { return table.table.empty(); });
    if (nothing) return cat("What would change cannot be told: nothing was compared with snapshot ", quote(name));
    return cat(preview.not_compared.empty() ? "Nothing would change: the database is as in snapshot "
                                            : "Nothing would change of what was compared with snapshot ",
               quote(name));
}

// `add_rows` adds to the document what --rows asks for.
void show_preview(Session& session, const ChosenSnapshot& chosen, const StateChanges& preview,
                  const std::function<void(JsonText&)>& add_rows) {
    for (const TableChange& change : preview.tables) {
        session.report.data(cat(printable(change.table, 200), ": ", describe_change(change), "\n"));
    }
    for (const std::string& change : preview.other_changes)
        session.report.data(cat(change, "\n"));
    for (const UncomparedTable& table : preview.not_compared) {
        session.report.data(
            cat(table.table, table.table.empty() ? "not compared: " : ": not compared: ", table.reason, "\n"));
    }
    session.report.line(cat(conclusion(preview, chosen.name), " (dry run: nothing was written)"));
    session.report.result([&](JsonText& json) {
        json.field("database", session.location().shown).field("snapshot", chosen.name).field("dry_run", true);
        json.key("tables").begin_list();
        for (const TableChange& change : preview.tables) {
            json.begin_object().field("table", change.table).key("rows_before");
            change.before ? json.value(*change.before) : json.null();
            json.key("rows_after");
            change.after ? json.value(*change.after) : json.null();
            json.field("removed", change.removed).field("added", change.added).field("changed", change.changed);
            json.field("schema", change.schema).end_object();
        }
        json.end_list().field("other_changes", preview.other_changes).key("not_compared").begin_list();
        for (const UncomparedTable& table : preview.not_compared) {
            json.begin_object().field("table", table.table).field("reason", table.reason).end_object();
        }
        json.end_list();
        if (add_rows) add_rows(json);
    });
}

int preview(const RestoreCommandOptions& command, const RestoreOptions& options, Session& session,
            const StateRequest& request) {
    const ChosenSnapshot chosen = choose_snapshot(request, options);
    if (!command.rows) {
        show_preview(session, chosen, preview_restore(chosen, options), nullptr);
        return 0;
    }
    DiffText rows(session.report, {session.report.colors_data(), false, 0}, session.location().shown,
                  cat("snapshot:", chosen.name));
    const StateChanges changes = preview_restore(chosen, options, &rows);
    show_preview(session, chosen, changes, [&](JsonText& json) {
        DiffJson document(json, false, kRowsOfDocument);
        document.begin("rows");
        preview_restore(chosen, options, &document);
        document.end();
    });
    return 0;
}

int run_restore(const RestoreCommandOptions& command, Session& session) {
    const auto& names = session.arguments("[NAME]", 0, 1);
    if (command.latest && !names.empty()) {
        throw Error(ErrorKind::kUsage, cat("--latest and the name ", quote(names[0]), " cannot both be given"));
    }
    RestoreOptions options;
    if (!names.empty()) options.name = names[0];
    options.latest = command.latest;
    options.force = command.force;
    options.keep = command.keep;
    options.rebuild = command.rebuild;
    StateRequest request = state_request(session, command.store, command.drop_triggers);
    request.end_sessions = command.end_sessions;
    if (command.rows && !command.dry_run) {
        throw Error(ErrorKind::kUsage, "--rows goes with --dry-run only").with_hint("a restore says how much it wrote");
    }
    if (command.rebuild && command.dry_run) {
        throw Error(ErrorKind::kUsage, "--rebuild has no dry run")
            .with_hint("restore without --rebuild says how the schema differs, and changes nothing then");
    }
    if (command.dry_run) return preview(command, options, session, request);
    std::vector<std::string> notes;
    std::optional<ChosenSnapshot> chosen = choose_snapshot(request, options);
    if (command.end_sessions && chosen->manifest.kind != StateKind::kTemplate)
        throw Error(ErrorKind::kUsage, "--end-sessions goes with snapshots of kind \"template\" only")
            .with_hint("this one is restored with others connected");
    guard_restore(session, command, *chosen);
    options.name = chosen->name;
    options.latest = false;  // recovery takes a snapshot
    if (has_layers(request)) {
        chosen.reset();  // and with it the lock of the store
        clear_the_way(request, command.force, tool_version(), notes);
        chosen = choose_snapshot(request, options);
    }
    const RestoreReport report = watched(session, *chosen, [&] { return restore_snapshot(*chosen, options); });
    chosen.reset();
    session.report.set_done();
    forget_layers(request, notes);
    for (const std::string& note : notes)
        session.report.note(note);
    session.report.warnings(report.warnings);
    say_why(session, report.state);
    const bool changed = report.state.way != RestoreWay::kUntouched && report.state.way != RestoreWay::kUnchanged;
    session.report.line(cat(
        report.created ? "Created the database from snapshot "
        : changed      ? "Restored snapshot "
                       : "Nothing to restore: the database is as in snapshot ",
        quote(options.name),
        changed && !report.created ? cat(" (", plural(report.state.written, report.state.unit), ")") : std::string()));
    session.report.result([&](JsonText& json) {
        json.field("database", request.database.shown).field("snapshot", options.name).field("dry_run", false);
        json.field("created", report.created).field("way", way_of(report.state));
        json.field(cat(report.state.unit, "s_written"), report.state.written);
    });
    return 0;
}

}  // namespace

Action attach_restore(CLI::App& app) {
    auto options = std::make_shared<RestoreCommandOptions>();
    add_store_option(app, options->store);
    add_flag(app, "--latest", options->latest, "the newest snapshot, whatever its name");
    add_list(app, "--keep", options->keep, "TABLE", "keep this table's present rows; may be repeated");
    add_drop_triggers_option(app, options->drop_triggers);
    add_flag(app, "--dry-run", options->dry_run, "say what would change, table by table, and write nothing");
    add_flag(app, "--rows", options->rows, "with --dry-run: also say which rows would change, and how, as diff does");
    add_flag(app, "--rebuild", options->rebuild,
             "make the schema anew where it is not the snapshot's, on engines whose restore brings back rows alone");
    add_flag(app, "--force", options->force, "restore a snapshot of another database; forget open layers");
    add_flag(app, "--end-sessions", options->end_sessions,
             "of a template: end the sessions of others in the database, which is made anew");
    add_consent_options(app, options->consent);
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_restore(*options, session); };
}

}  // namespace dbfixture
