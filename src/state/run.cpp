// SPDX-License-Identifier: MIT
#include "state/run.h"

#include <filesystem>
#include <memory>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/lists.h"
#include "base/text.h"
#include "db/address_forms.h"
#include "db/engine.h"
#include "db/open.h"
#include "db/private_copy.h"
#include "db/states.h"
#include "state/restore.h"
#include "state/run_floor.h"
#include "state/run_id.h"
#include "state/store_folder.h"
#include "state/temp_clone.h"
#include "state/temp_copy.h"

namespace dbfixture {
namespace {

constexpr auto kUnnamedCopy = "test.db";

RestoreOptions snapshot_named(const std::string& name) {
    RestoreOptions options;
    options.name = name;
    return options;
}

// A throwaway copy, in a file or on a server.
struct Throwaway {
    std::optional<TempCopy> file;
    std::optional<TempClone> clone;
    Location database;

    TempFolder& folder() { return file ? file->folder : clone->folder; }
};

Error two_sources(const std::string& snapshot) {
    return Error(ErrorKind::kUsage, cat("--schema and the snapshot ", quote(snapshot), " both make the copy"))
        .with_hint("a snapshot holds its schema; leave out --schema");
}

// Where the copy's content comes from, and what it is to remember.
TempCopyRequest copy_request(const StateRequest& state, const RunOptions& options, const std::string& run) {
    TempCopyRequest request;
    request.mark.run = run;
    request.schema = options.schema;
    request.busy_timeout_ms = state.busy_timeout_ms;
    request.name = kUnnamedCopy;
    request.engine = &file_engine();
    if (state.database.engine == nullptr) return request;
    if (options.schema.empty()) require_file_copies(state.database);
    if (state.database.file.empty()) return request;
    request.engine = state.database.engine;
    const auto states = open_states(state);
    const std::string& file = states->identity().file;
    request.name = std::filesystem::path(state.database.file).filename().string();
    request.mark.database = file;
    if (states->exists()) request.like = file;
    if (states->exists() || options.schema.empty()) request.mark.store = find_store(state, *states).folder();
    if (options.schema.empty()) request.source = file;
    return request;
}

// Puts the snapshot into the copy.
void restore_into(ChosenSnapshot& chosen, const StateRequest& own, const std::string& snapshot) {
    chosen.request = own;
    chosen.borrowed = true;  // its stamp is the original's
    chosen.states = open_states(own);
    restore_snapshot(chosen, snapshot_named(snapshot));
}

// A snapshot of the whole file is copied as it is; one of records is put into a copy of the database, or of its schema.
TempCopy make_file(const StateRequest& state, const RunOptions& options, const std::string& run, bool on_disk) {
    TempCopyRequest request = copy_request(state, options, run);
    request.on_disk = on_disk;
    if (!options.snapshot) return make_temp_copy(request);
    ChosenSnapshot chosen = choose_snapshot(state, snapshot_named(*options.snapshot));
    if (chosen.manifest.kind == StateKind::kImage) {
        if (!options.schema.empty()) throw two_sources(*options.snapshot);
        verify_snapshot(chosen.request, *chosen.states, chosen.store, chosen.manifest);
        request.source = chosen.store.data_path(chosen.manifest);
        return make_temp_copy(request);
    }
    TempCopy copy = make_temp_copy(request);
    restore_into(chosen, {locate_copy(*request.engine, copy.file), state.store, state.busy_timeout_ms},
                 *options.snapshot);
    return copy;
}

// Nothing of this process may be connected to the database while it is copied.
TempClone make_clone(const StateRequest& state, const RunOptions& options, const std::string& run) {
    TempCloneRequest request;
    request.database = state.database;
    request.empty = !options.schema.empty();
    request.schema = options.schema;
    request.busy_timeout_ms = state.busy_timeout_ms;
    request.mark.run = run;
    request.mark.database = identify(state.database).name;
    request.mark.store = folder_of_store(state);
    if (!options.snapshot) return make_temp_clone(request);
    ChosenSnapshot chosen = choose_snapshot(state, snapshot_named(*options.snapshot));
    const bool whole = chosen.manifest.kind == StateKind::kTemplate;
    if (!options.schema.empty() && chosen.manifest.kind != StateKind::kSerialized) throw two_sources(*options.snapshot);
    if (whole) {
        verify_snapshot(chosen.request, *chosen.states, chosen.store, chosen.manifest);
        request.state = state_of(chosen.store, chosen.manifest);
    }
    chosen.states.reset();
    TempClone clone = make_temp_clone(request);
    if (!whole) restore_into(chosen, {clone.copy->location(), state.store, state.busy_timeout_ms}, *options.snapshot);
    return clone;
}

bool is_on_server(const Location& database) {
    return database.engine != nullptr && database.engine->server_copies != nullptr;
}

Throwaway make_copy(const StateRequest& state, const RunOptions& options, const std::string& run, bool on_disk) {
    Throwaway out;
    if (is_on_server(state.database)) {
        out.clone.emplace(make_clone(state, options, run));
        out.database = out.clone->copy->location();
    } else {
        out.file.emplace(make_file(state, options, run, on_disk));
        out.database = locate_copy(*out.file->engine, out.file->file);
    }
    return out;
}

// Of a database on a server the values may hold a password: they go nowhere else.
std::vector<std::pair<std::string, std::string>> environment_of(const RunOptions& options, const Location& database,
                                                                const std::string& run) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto set = [&](const std::string& name, const std::string& value) {
        std::erase_if(out, [&](const auto& one) { return one.first == name; });
        out.emplace_back(name, value);
    };
    const std::string url = database_address(database, "url", "DATABASE_URL");
    const std::string file = identify(database).file;
    set("DATABASE_URL", url);
    set("DBFIXTURE_DATABASE", file.empty() ? url : file);
    for (const AddressVariable& variable : options.variables)
        set(variable.name, database_address(database, variable.form, variable.name));
    set(std::string(kRunVariable), run_variable(run));
    return out;
}

// Puts back what was prepared for a command that is not started, because of `cause`.
void give_up(RunFloor& floor, const Error& cause) {
    try {
        floor.close();
    } catch (Error& error) {
        append(error.detail, cat(error.detail.empty() ? "" : " ", "Before that: ", cause.message, "."));
        throw;
    }
}

void prepare(const StateRequest& state, const RunOptions& options, RunFloor& floor, std::vector<std::string>& notes) {
    try {
        if (options.snapshot && !options.temp) {
            const RestoreOptions restore = snapshot_named(*options.snapshot);
            add_all(notes, restore_snapshot(choose_snapshot(state, restore), restore).warnings);
        }
        if (options.load) add_all(notes, options.load(state.database));
        floor.start(notes);
    } catch (const Error& error) {
        const SignalHold hold;
        give_up(floor, error);
        throw;
    }
}

// What the command left is looked at before it is put back.
int run_on_floor(const ChildRequest& child, SignalHold& hold, RunFloor& floor, const std::function<bool()>& look,
                 std::vector<std::string>& warnings) {
    int status = 0;
    try {
        status = run_child(child, hold);
        if (status == 0 && look && !look()) status = 1;
    } catch (const Error& error) {
        give_up(floor, error);
        throw;
    }
    try {
        add_all(warnings, floor.close());
    } catch (Error& error) {
        append(error.detail, cat(error.detail.empty() ? "" : " ", "The command had ended with status ", status, "."));
        throw;
    }
    return status;
}

// A copy on a server goes before its folder, without which nobody could tell that it is abandoned.
void finish_copy(Throwaway& copy, const RunOptions& options, RunReport& report) {
    try {
        if (options.keep || (options.keep_failed && report.status != 0)) {
            if (copy.clone) copy.clone->copy->keep();
            copy.folder().keep();
            report.kept = report.database;
            return;
        }
        if (copy.clone) copy.clone->copy->drop();
        copy.folder().remove();
    } catch (const Error& error) {
        report.warnings.push_back(cat(error.message, error.detail.empty() ? "" : ": ", error.detail));
    }
}

}  // namespace

RunReport run_command(const StateRequest& state, const RunOptions& options) {
    ChildRequest child;
    child.program = find_program(options.words[0]);
    child.words = options.words;
    child.output_to_stderr = options.output_to_stderr;
    child.inherited = options.inherited;
    const std::string run = new_run_id();
    sweep_temp_folders();

    RunReport report;
    std::vector<std::string> notes;
    std::optional<Throwaway> copy;
    StateRequest own = state;
    std::unique_ptr<RunFloor> floor;
    const auto stand = [&](bool on_disk) {
        if (options.temp) {
            copy.emplace(make_copy(state, options, run, on_disk));
            own = {copy->database, "", state.busy_timeout_ms};
            if (copy->clone) add_all(notes, copy->clone->copy->warnings());
        }
        floor = open_floor({own, run, options.tool, options.temp}, notes);
    };
    std::optional<RoomLock> room;
    if (options.temp && !is_on_server(state.database)) room.emplace();
    try {
        stand(false);
    } catch (const Error& error) {
        // Others may have taken the room that there was in memory.
        if (!copy || !copy->file || !copy->file->in_memory || error.kind != ErrorKind::kFailure) throw;
        copy.reset();
        stand(true);
    }
    room.reset();
    if (copy) child.descriptors.push_back(copy->folder().lock_descriptor());
    const DatabaseIdentity identity = identify(own.database);
    report.database = identity.file.empty() ? identity.shown : identity.file;
    child.environment = environment_of(options, own.database, run);
    prepare(own, options, *floor, notes);
    for (const int descriptor : floor->descriptors())
        child.descriptors.push_back(descriptor);
    if (options.before_start) options.before_start(report.database, notes);

    SignalHold hold;
    std::function<bool()> look;
    if (options.is_as_expected) look = [&] { return options.is_as_expected(own.database); };
    report.status = run_on_floor(child, hold, *floor, look, report.warnings);
    if (copy) finish_copy(*copy, options, report);
    return report;
}

}  // namespace dbfixture
