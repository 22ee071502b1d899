// SPDX-License-Identifier: MIT
// snapshots: list, show, delete, rename, verify.
#include <algorithm>
#include <memory>

#include "base/cat.h"
#include "base/text.h"
#include "commands.h"
#include "options.h"
#include "session.h"
#include "state.h"
#include "state/restore.h"

namespace dbfixture {
namespace {

struct SnapshotsOptions {
    std::string store;
    bool force = false;
};

constexpr auto kHelpText =
    "  snapshots [list]          the snapshots, oldest first\n"
    "  snapshots show NAME       what one holds\n"
    "  snapshots delete NAME...  remove them\n"
    "  snapshots rename OLD NEW  --force replaces NEW\n"
    "  snapshots verify [NAME...]  read them whole; exit 1 if one is damaged\n\n"
    "Examples:\n"
    "  dbfixture snapshots -d test.db\n"
    "  dbfixture snapshots -d test.db rename migrated base\n"
    "  dbfixture snapshots -d test.db verify";

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

void add_snapshot(JsonText& json, const StoredSnapshot& snapshot) {
    json.begin_object();
    if (snapshot.manifest) {
        add_manifest(json, snapshot.name, *snapshot.manifest);
    } else {
        json.field("name", snapshot.name).field("problem", snapshot.problem->message);
    }
    json.end_object();
}

int list(SnapshotStore& store, Session& session) {
    const std::vector<StoredSnapshot> all = store.list();
    std::size_t width = 0;
    for (const StoredSnapshot& snapshot : all)
        width = std::max(width, snapshot.name.size());
    for (const StoredSnapshot& snapshot : all) {
        const std::string name = padded(snapshot.name, width);
        if (!snapshot.manifest) {
            session.report.data(cat(name, "  damaged\n"));
            continue;
        }
        const Manifest& m = *snapshot.manifest;
        session.report.data(cat(name, "  ", padded(std::string(name_of(m.kind)), 10), "  ",
                                padded(human_size(m.bytes), 9), "  ", padded(plural(row_count(m), "row"), 12),
                                uncounted(m), "  ", human_age(m.created), "\n"));
    }
    if (all.empty()) session.report.line("There are no snapshots");
    session.report.result([&](JsonText& json) {
        json.field("action", "list").field("store", store.folder()).key("snapshots").begin_list();
        for (const StoredSnapshot& snapshot : all)
            add_snapshot(json, snapshot);
        json.end_list();
    });
    return 0;
}

int show(SnapshotStore& store, const std::string& name, Session& session) {
    const Manifest manifest = store.read(name);
    std::string text = cat("name      ", name, "\nkind      ", name_of(manifest.kind), "\ndatabase  ",
                           manifest.database, "\ncreated   ", manifest.created, "\nengine    ", manifest.engine,
                           "\ntool      ", manifest.tool, "\nfile      ", store.data_path(manifest), "\nsize      ",
                           human_size(manifest.bytes), "\nrows      ", row_count(manifest), uncounted(manifest), "\n");
    for (const ManifestTable& table : manifest.tables) {
        append(text, cat("  ", table.name, ": ", table.rows ? cat(*table.rows) : std::string("not counted"), "\n"));
    }
    session.report.data(text);
    session.report.result([&](JsonText& json) {
        json.field("action", "show").field("store", store.folder()).key("snapshots").begin_list();
        add_snapshot(json, {name, manifest, {}});
        json.end_list();
    });
    return 0;
}

void report_names(Session& session, const SnapshotStore& store, const std::string& action,
                  const std::vector<std::string>& names) {
    session.report.result([&](JsonText& json) {
        json.field("action", action).field("store", store.folder()).key("snapshots").begin_list();
        for (const std::string& name : names)
            json.begin_object().field("name", name).end_object();
        json.end_list();
    });
}

int remove(SnapshotStore& store, States& states, const std::vector<std::string>& names, Session& session) {
    for (const std::string& name : names) {
        check_snapshot_name(name);
        if (!store.has(name)) store.read(name);  // says which there are
    }
    std::vector<std::string> warnings;
    for (const std::string& name : names) {
        if (store.has(name)) store.remove(name, states, warnings);
    }
    session.report.set_done();
    session.report.warnings(warnings);
    session.report.line(cat("Deleted ", quote_list(names, 1000)));
    report_names(session, store, "delete", names);
    return 0;
}

int rename(SnapshotStore& store, States& states, const std::string& from, const std::string& to, bool force,
           Session& session) {
    check_snapshot_name(to);
    store.read(from);
    if (from != to) {
        if (store.has(to) && !force) {
            throw Error(ErrorKind::kRefused, cat("there is a snapshot ", quote(to), " already"))
                .with_hint("replace it with --force");
        }
        std::vector<std::string> warnings;
        store.rename(from, to, states, warnings);
        session.report.warnings(warnings);
    }
    session.report.set_done();
    session.report.line(cat("Renamed ", quote(from), " to ", quote(to)));
    report_names(session, store, "rename", {to});
    return 0;
}

int verify(const StateRequest& request, States& states, SnapshotStore& store, std::vector<std::string> names,
           Session& session) {
    const bool named = !names.empty();
    if (!named) names = store.names();
    std::vector<StoredSnapshot> results;
    std::size_t damaged = 0;
    for (const std::string& name : names) {
        StoredSnapshot result{name, {}, {}};
        try {
            result.manifest = store.read(name);
            Activity activity(session.report, cat("Verifying snapshot ", quote(name)));
            states.watch(activity.work());
            verify_snapshot(request, states, store, *result.manifest);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kInput) throw;
            result.problem = error;
            ++damaged;
        }
        session.report.data(cat(
            name, ": ", result.problem ? cat(result.problem->message, "\n  ", result.problem->detail) : "good", "\n"));
        results.push_back(std::move(result));
    }
    if (names.empty()) session.report.line("There are no snapshots");
    session.report.result([&](JsonText& json) {
        json.field("action", "verify").field("store", store.folder()).key("snapshots").begin_list();
        for (const StoredSnapshot& result : results) {
            json.begin_object().field("name", result.name).field("good", !result.problem);
            if (result.problem) json.field("problem", result.problem->message);
            json.end_object();
        }
        json.end_list();
    });
    return damaged > 0 ? 1 : 0;
}

int run_snapshots(const SnapshotsOptions& options, Session& session) {
    std::vector<std::string> words = session.arguments("[list|show|delete|rename|verify] [NAME...]", 0, Session::kAny);
    const std::string action = words.empty() ? "list" : words[0];
    if (!words.empty()) words.erase(words.begin());
    struct Form {
        std::string_view name;
        std::size_t least, most;
        bool writes;
    };
    constexpr Form kForms[] = {{"list", 0, 0, false},
                               {"show", 1, 1, false},
                               {"delete", 1, Session::kAny, true},
                               {"rename", 2, 2, true},
                               {"verify", 0, Session::kAny, false}};
    const auto* form =
        std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& f) { return f.name == action; });
    if (form == std::end(kForms)) {
        throw Error(ErrorKind::kUsage, cat("unknown action ", quote(action)))
            .with_hint("use list, show, delete, rename or verify");
    }
    if (words.size() < form->least || words.size() > form->most) {
        throw Error(ErrorKind::kUsage,
                    cat("snapshots ", action, words.size() < form->least ? " takes " : " takes only ",
                        plural(words.size() < form->least ? form->least : form->most, "name"), ", not ", words.size()))
            .with_hint("run \"dbfixture help snapshots\"");
    }
    const StateRequest request = state_request(session, options.store);
    const auto states = open_states(request);
    SnapshotStore store = find_store(request, *states);
    if (form->writes && !words.empty() && !store.has(words[0])) store.read(words[0]);  // not there: make no folder
    if (form->writes) {
        session.report.warnings(store.lock_for_writing(*states, request.busy_timeout_ms));
    } else {
        store.lock_for_reading(request.busy_timeout_ms);
    }
    if (action == "show") return show(store, words[0], session);
    if (action == "delete") return remove(store, *states, words, session);
    if (action == "rename") return rename(store, *states, words[0], words[1], options.force, session);
    if (action == "verify") return verify(request, *states, store, words, session);
    return list(store, session);
}

}  // namespace

Action attach_snapshots(CLI::App& app) {
    auto options = std::make_shared<SnapshotsOptions>();
    add_store_option(app, options->store);
    add_flag(app, "--force", options->force, "rename: replace a snapshot of the new name");
    add_help_text(app, kHelpText);
    return [options](Session& session) { return run_snapshots(*options, session); };
}

}  // namespace dbfixture
