// SPDX-License-Identifier: MIT
// push, pop, reset and layers: their options, and what they say. state/layers.h does the work.
#include "state/layers.h"

#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "consent.h"
#include "loading.h"
#include "options.h"
#include "session.h"
#include "state.h"

namespace dbfixture {
namespace {

struct PushCommandOptions {
    LoadingOptions loading;
    std::string store;
    bool anew = false;
    bool force = false;
    std::optional<int> owner;
    ConsentOptions consent;
};

struct PopCommandOptions {
    std::string store;
    bool drop_triggers = false;
    bool all = false;
    bool force = false;
    std::vector<std::string> keep;
    ConsentOptions consent;
};

struct ResetCommandOptions {
    std::string store;
    bool drop_triggers = false;
    std::vector<std::string> keep;
    ConsentOptions consent;
};

struct LayersCommandOptions {
    std::string store;
    bool drop_triggers = false;
    bool clear = false;
    bool recover = false;
    bool force = false;
    ConsentOptions consent;
};

constexpr auto kPushHelp =
    "Remembers the database's state and loads the fixtures, with all options of loaddata.\n"
    "\"reset\" then puts the database back to how it is now, as often as you like, and \"pop\"\n"
    "to how it was before. Layers nest: a feature's fixtures are loaded once, not once for\n"
    "each test. --anew opens a layer that may be there already, from a run that was killed.\n\n"
    "Examples:\n"
    "  dbfixture push -d test.db --anew testrun\n"
    "  dbfixture push -d test.db feature users.json orders.json";

constexpr auto kPopHelp =
    "Puts the database back to how it was before the top layer was pushed, and closes it;\n"
    "with a name that layer and all above it. A layer whose owner lives is popped by others\n"
    "with --force only.\n\n"
    "Example:\n"
    "  dbfixture pop -d test.db feature";

constexpr auto kResetHelp =
    "Puts the database back to how it was when the top layer had been pushed: what to do\n"
    "between two tests. Other programs may have the database open. Inside of \"run\" it leads\n"
    "back to how the command was started.\n\n"
    "Example:\n"
    "  dbfixture reset -d test.db";

constexpr auto kLayersHelp =
    "Lists the open layers, the lowest first. --recover puts back what a run that was killed\n"
    "left; what was in the database until then is saved as snapshot \"before-recovery\".\n\n"
    "Example:\n"
    "  dbfixture layers -d test.db";

ProcessIdentity find_owner(const Caller& caller, std::optional<int> number) {
    if (!number) return caller.parent ? *caller.parent : calling_process();
    const auto process = identify_process(*number);
    if (process) return *process;
    throw Error(ErrorKind::kUsage, cat("--owner: there is no process ", *number));
}

// A database with layers that is put back loses what was written since.
void guard(Session& session, const ConsentOptions& consent, std::string_view action,
           const std::string& what = "what was written since the layer was opened") {
    guard_database(session, consent, {std::string(action), [what] { return what; }, session.words()});
}

void say(Session& session, const LayerReport& report) {
    session.report.set_done();
    for (const std::string& note : report.notes)
        session.report.note(note);
    session.report.warnings(report.warnings);
    if (report.restored) say_why(session, *report.restored);
}

std::string how(const LayerReport& report) {
    if (!report.restored) return "";
    const bool changed = report.restored->way == RestoreWay::kDifferent || report.restored->way == RestoreWay::kWhole;
    return changed ? cat(" (", plural(report.restored->written, report.restored->unit), ")") : ": nothing had changed";
}

void add_report(JsonText& json, const StateRequest& request, const LayerReport& report) {
    json.field("database", request.database.shown).key("layer");
    report.layer.empty() ? json.null() : json.value(report.layer);
    json.field("popped", report.popped).field("depth", report.depth).field("recovered", report.recovered).key("way");
    report.restored ? json.value(way_of(*report.restored)) : json.null();
    json.field("written", report.restored ? report.restored->written : 0);
    json.field("notes", report.notes);
}

int run_push(const PushCommandOptions& command, Session& session) {
    const auto& words = session.arguments("LAYER [FIXTURE...]", 1, Session::kAny);
    const std::vector<std::string> fixtures(words.begin() + 1, words.end());
    check_snapshot_name(words[0]);
    std::optional<LoadRequest> request;
    if (!fixtures.empty()) request = make_load_request(fixtures, command.loading, session);
    guard(session, command.consent, "push a layer on", "what is written until the layer is popped");
    PushOptions options;
    options.name = words[0];
    options.anew = command.anew;
    options.force = command.force;
    options.owner = find_owner(session.caller, command.owner);
    options.tool = tool_version();
    std::optional<LoadSummary> loaded;
    if (request) {
        options.load = [&] {
            const auto connection = session.open(OpenMode::kReadWrite);
            loaded = load_watched(*connection, *request, session.report);
            print_summary(session.report, connection->schema(), *loaded, false);
            return loaded->report.warnings;
        };
    }
    const StateRequest state = state_request(session, command.store, command.loading.drop_triggers);
    const LayerReport report =
        watched(session.report, cat("Pushing layer ", quote(options.name)), state,
                [&](const StateRequest& watched_state) { return push_layer(watched_state, options); });
    say(session, report);
    session.report.line(
        cat("Pushed layer ", quote(report.layer), report.depth > 1 ? cat(" (", report.depth, " deep)") : ""));
    session.report.result([&](JsonText& json) {
        add_report(json, state, report);
        json.field("records", loaded ? loaded->records : 0);
    });
    return 0;
}

int run_pop(const PopCommandOptions& command, Session& session) {
    const auto& names = session.arguments("[NAME]", 0, 1);
    if (command.all && !names.empty())
        throw Error(ErrorKind::kUsage, cat("--all and the name ", quote(names[0]), " cannot both be given"));
    guard(session, command.consent, "pop layers of");
    PopOptions options;
    if (!names.empty()) options.name = names[0];
    options.all = command.all;
    options.force = command.force;
    options.keep = command.keep;
    options.tool = tool_version();
    const StateRequest state = state_request(session, command.store, command.drop_triggers);
    const LayerReport report = watched(session.report, "Popping", state, [&](const StateRequest& watched_state) {
        return pop_layers(watched_state, options);
    });
    say(session, report);
    session.report.line(
        cat("Popped ", report.popped.size() > 1 ? "layers " : "layer ", quote_list(report.popped), how(report)));
    session.report.result([&](JsonText& json) { add_report(json, state, report); });
    return 0;
}

int run_reset(const ResetCommandOptions& command, Session& session) {
    session.arguments("", 0, 0);
    guard(session, command.consent, "reset");
    const StateRequest state = state_request(session, command.store, command.drop_triggers);
    const LayerReport report = watched(session.report, "Resetting", state, [&](const StateRequest& watched_state) {
        return reset_layer(watched_state, {command.keep, tool_version()});
    });
    say(session, report);
    if (!report.layer.empty()) session.report.line(cat("Reset to layer ", quote(report.layer), how(report)));
    session.report.result([&](JsonText& json) { add_report(json, state, report); });
    return 0;
}

std::string describe_owner(const ListedLayer& layer) {
    switch (layer.owner_life) {
        case Life::kAlive:
            return describe_process(layer.owner.number);
        case Life::kDead:
            return cat("process ", layer.owner.number, ", ended");
        case Life::kUnknown:
            return "a process of another container";
    }
    return "";
}

void show_layers(Session& session, const StateRequest& state, const LayerList& list) {
    for (const ListedLayer& layer : list.layers) {
        session.report.data(cat(layer.name, "  ", human_size(layer.bytes), "  ", human_age(layer.created), "  ",
                                layer.run.empty() ? "" : "run, ", layer.open ? "" : "unfinished, ",
                                describe_owner(layer), "\n"));
    }
    if (list.layers.empty()) session.report.line("No layer is open");
    if (!list.stale.empty())
        session.report.warnings({cat("the layers are of no use any more, since ", list.stale,
                                     ": forget them with \"dbfixture layers --clear\"")});
    session.report.result([&](JsonText& json) {
        json.field("database", state.database.shown).field("store", list.store).field("stale", list.stale);
        json.key("layers").begin_list();
        for (const ListedLayer& layer : list.layers) {
            json.begin_object().field("name", layer.name).field("created", layer.created).field("bytes", layer.bytes);
            json.key("owner").begin_object().field("pid", layer.owner.number);
            json.key("alive");
            layer.owner_life == Life::kUnknown ? json.null() : json.value(layer.owner_life == Life::kAlive);
            json.end_object().field("open", layer.open).key("run");
            layer.run.empty() ? json.null() : json.value(layer.run);
            json.end_object();
        }
        json.end_list();
    });
}

int run_layers(const LayersCommandOptions& command, Session& session) {
    session.arguments("", 0, 0);
    if (command.clear && command.recover) throw Error(ErrorKind::kUsage, "--clear and --recover cannot both be given");
    const StateRequest state = state_request(session, command.store, command.drop_triggers);
    if (command.recover) {
        guard(session, command.consent, "put back", "what was written since the run or push began");
        const LayerReport report = recover_layers(state, tool_version());
        say(session, report);
        if (!report.recovered) session.report.line("There is nothing to put back");
        session.report.result([&](JsonText& json) { add_report(json, state, report); });
        return 0;
    }
    if (!command.clear) {
        const std::string warning = respect_runs(state, Use::kRead);
        if (!warning.empty()) session.report.warnings({warning});
        show_layers(session, state, list_layers(state));
        return 0;
    }
    std::vector<std::string> warnings;
    const std::size_t count = clear_layers(state, command.force, warnings);
    session.report.set_done();
    session.report.warnings(warnings);
    session.report.line(cat("Forgot ", plural(count, "layer"), "; the database stays as it is"));
    session.report.result(
        [&](JsonText& json) { json.field("database", state.database.shown).field("forgotten", count); });
    return 0;
}

}  // namespace

Action attach_push(CLI::App& app) {
    auto options = std::make_shared<PushCommandOptions>();
    add_loading_options(app, options->loading);
    add_flag(app, "--anew", options->anew, "first pop a layer of that name, and all above it");
    add_number(app, "--owner", options->owner, {1, 1 << 22}, "PID",
               "the process that the layer belongs to (the caller's parent)");
    add_store_option(app, options->store);
    add_flag(app, "--force", options->force, "with --anew: also a layer whose owner lives");
    add_confirm_option(app, options->consent);
    add_help_text(app, kPushHelp);
    return [options](Session& session) { return run_push(*options, session); };
}

Action attach_pop(CLI::App& app) {
    auto options = std::make_shared<PopCommandOptions>();
    add_flag(app, "--all", options->all, "every open layer");
    add_list(app, "--keep", options->keep, "TABLE", "keep this table's present rows; may be repeated");
    add_drop_triggers_option(app, options->drop_triggers);
    add_store_option(app, options->store);
    add_flag(app, "--force", options->force, "also layers whose owner lives");
    add_confirm_option(app, options->consent);
    add_help_text(app, kPopHelp);
    return [options](Session& session) { return run_pop(*options, session); };
}

Action attach_reset(CLI::App& app) {
    auto options = std::make_shared<ResetCommandOptions>();
    add_list(app, "--keep", options->keep, "TABLE", "keep this table's present rows; may be repeated");
    add_drop_triggers_option(app, options->drop_triggers);
    add_store_option(app, options->store);
    add_confirm_option(app, options->consent);
    add_help_text(app, kResetHelp);
    return [options](Session& session) { return run_reset(*options, session); };
}

Action attach_layers(CLI::App& app) {
    auto options = std::make_shared<LayersCommandOptions>();
    add_flag(app, "--clear", options->clear, "forget all layers, and leave the database as it is");
    add_flag(app, "--recover", options->recover, "put back what a killed run or push left");
    add_drop_triggers_option(app, options->drop_triggers);
    add_store_option(app, options->store);
    add_flag(app, "--force", options->force, "with --clear: also layers whose owner lives");
    add_confirm_option(app, options->consent);
    add_help_text(app, kLayersHelp);
    return [options](Session& session) { return run_layers(*options, session); };
}

}  // namespace dbfixture
