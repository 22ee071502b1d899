// SPDX-License-Identifier: MIT
#include "state/restore.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "base/cat.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/open.h"
#include "db/states.h"
#include "state/serialized.h"
#include "state/temp_folder.h"

namespace dbfixture {

SavedState state_of(const SnapshotStore& store, const Manifest& manifest) {
    return {manifest.kind, store.data_path(manifest), manifest.bytes, manifest.checksum, manifest.mode};
}

namespace {

// A private state, gone at the end: in the store, where the next snapshot removes what a killed process left, or, where
// the store cannot be written, beside the database, or among temporary files for one on a server.
class ScratchState {
  public:
    ScratchState(const ChosenSnapshot& chosen, int number) : states_(*chosen.states) {
        const std::string file = new_data_name(cat("target", number), default_form(chosen.request).extension);
        const bool writable = ::access(chosen.store.folder().c_str(), W_OK) == 0;
        place_ = writable ? chosen.store.temporary_path(file)
                          : cat(folder_for(states_.identity().file), "/", temporary_name(file));
    }
    ScratchState(const ScratchState&) = delete;
    ScratchState& operator=(const ScratchState&) = delete;
    ~ScratchState() { states_.discard(place_); }
    const std::string& place() const { return place_; }

  private:
    // What killed processes left on the server for temporary files that are gone is cleared by who uses the folder.
    std::string folder_for(const std::string& database_file) {
        if (!database_file.empty()) return folder_of(database_file);
        const char* const named = std::getenv("TMPDIR");
        std::string folder = named != nullptr && *named == '/' ? named : "/tmp";
        states_.sweep(folder);
        return folder;
    }

    States& states_;
    std::string place_;
};

Error lost_data(const SnapshotStore& store, const Manifest& manifest) {
    return Error(ErrorKind::kInput, "the snapshot has lost its data")
        .with_detail(cat("There is no file ", quote(store.data_path(manifest), 200), "."));
}

// Records fit every engine; any other kind is its own engine's. A state whose schema could not be read does not say.
void require_engine(const Engine& engine, const std::string& name, const Manifest& manifest) {
    if (manifest.kind == StateKind::kSerialized) return;
    const bool has_kind =
        std::ranges::any_of(engine.states, [&](const StateForm& form) { return form.kind == manifest.kind; });
    const bool is_own = manifest.engine.starts_with(engine.name) || manifest.engine == kUnknownEngine;
    if (has_kind && is_own) return;
    throw Error(ErrorKind::kInput, cat("snapshot ", quote(name), " is of another kind of database"))
        .with_detail(cat("It holds a state of kind \"", name_of(manifest.kind), "\" of ", manifest.engine,
                         ", the database is of ", engine.name, "."))
        .with_hint("what is saved with --serialized can be restored by any engine");
}

// Rows are put into a copy of the database, and the copy is then restored as any state: one change, all or nothing.
SavedState build_from_serialized(const ChosenSnapshot& chosen, const std::string& place) {
    States& states = *chosen.states;
    verify_snapshot(chosen.request, states, chosen.store, chosen.manifest);
    if (!states.exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(states.identity().shown, 200), " does not exist"))
            .with_detail("A serialized snapshot restores rows only.")
            .with_hint("create the database with its schema first");
    }
    bool copied = false;
    try {
        return states.derive(place, [&](Connection& copy) {
            copied = true;
            apply_serialized(copy, chosen.store.data_path(chosen.manifest), chosen.manifest);
        });
    } catch (Error& error) {
        if (!copied && error.kind == ErrorKind::kFailure) {
            error.hint =
                "a serialized snapshot restores rows into sound tables: restore an image, or make the database anew "
                "with its schema first";
        }
        throw;
    }
}

// Calls `use` with the state that the database is to become.
void with_target(const ChosenSnapshot& chosen, const RestoreOptions& options,
                 const std::function<void(const SavedState&)>& use) {
    States& states = *chosen.states;
    SavedState state = state_of(chosen.store, chosen.manifest);
    const bool serialized = state.kind == StateKind::kSerialized;
    if (!serialized && options.keep.empty()) return use(state);
    const ScratchState first(chosen, 1), second(chosen, 2);
    if (serialized) state = build_from_serialized(chosen, first.place());
    if (options.keep.empty()) return use(state);
    if (!states.exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(states.identity().shown, 200), " does not exist"))
            .with_detail("There are no rows to keep.");
    }
    use(states.merge(state, options.keep, second.place()));
}

// A side that cannot be opened as a database is not compared, and restored all the same.
StateChanges compare_with(const ChosenSnapshot& chosen, const SavedState& state, DiffSink* rows) {
    States& states = *chosen.states;
    StateChanges preview;
    const auto readable = [&](auto&& open, std::string_view what) -> std::unique_ptr<Connection> {
        try {
            std::unique_ptr<Connection> connection = open();
            connection->schema();
            return connection;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kFailure) throw;
            const std::string& reason = error.detail.empty() ? error.message : error.detail;
            preview.not_compared.push_back({"", cat(what, " cannot be read: ", reason), false});
            return nullptr;
        }
    };
    const bool exists = states.exists();
    const auto open_live = [&] {
        return open_database(chosen.request.database, {OpenMode::kReadOnly, chosen.request.busy_timeout_ms});
    };
    const auto before = exists ? readable(open_live, "the database") : nullptr;
    const auto after = readable([&] { return states.open(state); }, "the snapshot");
    if (after != nullptr && (before != nullptr || !exists)) preview = compare_states(before.get(), *after);
    if (before != nullptr && after != nullptr) compare_facts(states.facts(), states.facts(state), preview);
    if (before != nullptr && after != nullptr && rows != nullptr) compare_all_rows(*before, *after, *rows);
    return preview;
}

}  // namespace

namespace {

// A throwaway copy also reads the snapshots of its original.
bool borrow_store(const States& states, const RestoreOptions& options, SnapshotStore& store) {
    const auto has_it = [&](const SnapshotStore& one) {
        return options.latest ? !one.names().empty() : one.has(options.name);
    };
    if (has_it(store)) return false;
    for (const std::string& folder : original_stores(states.identity())) {
        SnapshotStore original(folder);
        if (!original.exists() || !has_it(original)) continue;
        store = std::move(original);
        return true;
    }
    return false;
}

}  // namespace

ChosenSnapshot choose_snapshot(const StateRequest& request, const RestoreOptions& options) {
    if (!options.latest) check_snapshot_name(options.name);
    auto states = open_states(request);
    if (read_temp_mark(states->identity())) states->leave_out_syncs();
    SnapshotStore found = find_store(request, *states);
    const bool borrowed = borrow_store(*states, options, found);
    ChosenSnapshot chosen{request, std::move(states), std::move(found), options.name, {}, borrowed, false};
    chosen.store.lock_for_reading(request.busy_timeout_ms);
    if (options.latest) chosen.name = chosen.store.latest();
    chosen.manifest = chosen.store.read(chosen.name);
    require_engine(*request.database.engine, chosen.name, chosen.manifest);
    const std::string& database = chosen.states->identity().name;
    const bool nothing_to_lose = !chosen.states->exists() || !chosen.states->has_content();
    chosen.foreign = !request.store.empty() && chosen.manifest.database != database && !nothing_to_lose;
    if (chosen.foreign && !options.force) {
        throw Error(ErrorKind::kRefused, cat("snapshot ", quote(chosen.name), " is of another database"))
            .with_detail(cat("It is of ", quote(chosen.manifest.database), ", this is ", quote(database), "."))
            .with_hint("if you mean it, add --force");
    }
    return chosen;
}

void verify_snapshot(const StateRequest& request, States& states, const SnapshotStore& store,
                     const Manifest& manifest) {
    require_engine(*request.database.engine, manifest.file, manifest);
    const SavedState state = state_of(store, manifest);
    try {
        if (state.kind == StateKind::kSerialized) return verify_serialized(state.place, manifest);
        states.verify(state);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kNotFound) throw lost_data(store, manifest);
        throw;
    }
}

RestoreReport restore_snapshot(const ChosenSnapshot& chosen, const RestoreOptions& options) {
    RestoreReport report;
    report.created = !chosen.states->exists();
    const bool plain = chosen.manifest.kind != StateKind::kSerialized && options.keep.empty();
    const std::string stamp = plain && !chosen.borrowed ? chosen.store.read_stamp(chosen.manifest.file) : std::string();
    with_target(chosen, options, [&](const SavedState& state) {
        try {
            report.state =
                options.rebuild ? chosen.states->rebuild(state, stamp) : chosen.states->restore(state, stamp);
        } catch (const Error& error) {
            const std::string data = chosen.store.data_path(chosen.manifest);
            if (error.kind == ErrorKind::kNotFound && ::access(data.c_str(), F_OK) != 0) {
                throw lost_data(chosen.store, chosen.manifest);
            }
            throw;
        }
    });
    // A database that is made anew has no rows of before, and its engine did not count them.
    if (report.state.way == RestoreWay::kWhole && chosen.manifest.kind == StateKind::kTemplate) {
        for (const ManifestTable& table : chosen.manifest.tables)
            report.state.written += table.rows.value_or(0);
    }
    report.warnings = report.state.warnings;
    const std::string& now = report.state.stamp;
    if (plain && !chosen.borrowed && !now.empty() && now != stamp) chosen.store.write_stamp(chosen.manifest.file, now);
    return report;
}

void with_snapshot(const ChosenSnapshot& chosen, const std::function<void(Connection&)>& use) {
    verify_snapshot(chosen.request, *chosen.states, chosen.store, chosen.manifest);
    with_target(chosen, {}, [&](const SavedState& state) { use(*chosen.states->open(state)); });
}

StateChanges preview_restore(const ChosenSnapshot& chosen, const RestoreOptions& options, DiffSink* rows) {
    verify_snapshot(chosen.request, *chosen.states, chosen.store, chosen.manifest);
    StateChanges preview;
    with_target(chosen, options, [&](const SavedState& state) { preview = compare_with(chosen, state, rows); });
    return preview;
}

}  // namespace dbfixture
