// SPDX-License-Identifier: MIT
#include "state/snapshot.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/cat.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/open.h"
#include "db/states.h"
#include "state/serialized.h"
#include "state/store_folder.h"

namespace dbfixture {
namespace {

class DiscardOnExit {
  public:
    DiscardOnExit(States& states, std::string place) : states_(states), place_(std::move(place)) {}
    DiscardOnExit(const DiscardOnExit&) = delete;
    DiscardOnExit& operator=(const DiscardOnExit&) = delete;
    ~DiscardOnExit() { states_.discard(place_); }

  private:
    States& states_;
    std::string place_;
};

// Rows of tables that have none of their own in the file (virtual tables), counted through the engine.
std::optional<std::uint64_t> count_rows(Connection& connection, std::size_t table, std::string& problem) {
    try {
        problem = connection.schema().tables[table].unreadable;
        if (problem.empty()) return connection.statistics(table).rows;
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        problem = error.detail.empty() ? error.message : error.detail;
    }
    return std::nullopt;
}

void add_uncounted(SnapshotReport& report, const std::string& table, const std::string& problem) {
    report.warnings.push_back(cat("table ", quote(table), " is saved, but could not be counted: ", problem));
}

// What the manifest says of a state, which is a database that nobody writes. A schema that this build cannot read is
// saved all the same; its tables are then named as the engine found them.
void describe_state(States& states, const StateSaveReport& saved, SnapshotReport& report) {
    Manifest& manifest = report.manifest;
    std::map<std::string, std::uint64_t> rows;
    for (const StateTable& table : saved.tables) {
        if (table.rows) rows[table.name] = *table.rows;
    }
    try {
        const std::unique_ptr<Connection> connection = states.open(saved.state);
        manifest.engine = connection->engine();
        const Schema& schema = connection->schema();
        for (std::size_t i = 0; i < schema.tables.size(); ++i) {
            ManifestTable table{schema.tables[i].label(), {}};
            std::string problem;
            const auto counted = rows.find(table.name);
            table.rows = counted != rows.end() ? counted->second : count_rows(*connection, i, problem);
            if (!table.rows) add_uncounted(report, table.name, problem);
            manifest.tables.push_back(std::move(table));
        }
        manifest.schema_fingerprint = schema_fingerprint(connection->schema_objects());
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        const std::string reason = error.detail.empty() ? error.message : error.detail;
        report.warnings.push_back(cat("the database is saved, but its schema could not be read here: ", reason));
        manifest.tables.clear();
        for (const StateTable& table : saved.tables) {
            manifest.tables.push_back({table.name, table.rows});
            if (!table.rows) add_uncounted(report, table.name, reason);
        }
    }
    if (manifest.engine.empty()) manifest.engine = kUnknownEngine;
}

void save_as(StateKind kind, States& states, const std::string& place, SnapshotReport& report, std::string& stamp) {
    const StateSaveReport saved = states.save(kind, place);
    report.manifest.bytes = saved.state.bytes;
    report.manifest.checksum = saved.state.checksum;
    report.manifest.mode = saved.state.mode;
    report.warnings = saved.warnings;
    stamp = saved.stamp;
    describe_state(states, saved, report);
}

std::unique_ptr<Connection> open_or_null(States& states, const SavedState& state) {
    try {
        return states.open(state);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
        return nullptr;
    }
}

// A database that cannot be opened where it lies (its log wants to be written to, its folder may only be read) is read
// from a copy.
void save_records(const StateRequest& request, States& states, const std::string& target, const std::string& scratch,
                  Manifest& manifest) {
    manifest.mode = states.mode();
    std::unique_ptr<Connection> connection;
    std::optional<SavedState> copy;
    const DiscardOnExit guard(states, scratch);
    try {
        connection = open_database(request.database, {OpenMode::kReadOnly, request.busy_timeout_ms});
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kFailure) throw;
        copy = states.save(default_form(request).kind, scratch).state;
        connection = open_or_null(states, *copy);
        if (connection == nullptr) throw;
    }
    write_serialized(*connection, target, manifest);
    for (const Obstacle& obstacle : copy ? states.obstacles(*copy) : states.obstacles())
        throw not_serializable(obstacle.table, obstacle.reason, obstacle.what);
}

void save_state(const StateRequest& request, const SnapshotOptions& options, States& states, const SnapshotStore& store,
                SnapshotReport& report) {
    Manifest& manifest = report.manifest;
    const StateForm form = form_of(request, options.kind.value_or(default_form(request).kind));
    manifest.kind = form.kind;
    manifest.tool = options.tool;
    manifest.file = new_data_name(options.name, form.extension);
    manifest.created = store.created_now();
    const std::string temporary = store.temporary_path(manifest.file);
    const DiscardOnExit guard(states, temporary);
    std::string stamp;
    if (form.kind == StateKind::kSerialized) {
        save_records(request, states, temporary, store.temporary_path("copy-" + manifest.file), manifest);
    } else {
        save_as(form.kind, states, temporary, report, stamp);
    }
    store.publish(options.name, manifest, states, report.warnings);
    if (!stamp.empty()) store.write_stamp(manifest.file, stamp);
}

}  // namespace

std::unique_ptr<States> open_states(const StateRequest& request) {
    auto states = open_states(request.database, request.busy_timeout_ms);
    if (request.end_sessions) states->end_sessions();
    states->watch(request.work);
    if (request.drop_triggers) states->drop_triggers();
    return states;
}

const StateForm& default_form(const StateRequest& request) {
    return request.database.engine->states.front();
}

StateForm form_of(const StateRequest& request, StateKind kind) {
    if (kind == StateKind::kSerialized) return {kind, kSerializedEnd};
    const Engine& engine = *request.database.engine;
    const auto found = std::ranges::find(engine.states, kind, &StateForm::kind);
    if (found != engine.states.end()) return *found;
    std::vector<std::string> known;
    for (const StateForm& form : engine.states)
        known.emplace_back(name_of(form.kind));
    if (std::ranges::find(known, name_of(StateKind::kSerialized)) == known.end())
        known.emplace_back(name_of(StateKind::kSerialized));
    throw Error(ErrorKind::kUsage, cat(engine.name, " saves no states of kind ", quote(name_of(kind))))
        .with_detail(cat("Its kinds are ", quote_list(known), "."));
}

std::string folder_of_store(const StateRequest& request) {
    if (!request.store.empty()) return store_folder(request.store);
    const std::string folder = default_store(identify(request.database));
    return folder.empty() ? folder : store_folder(folder);
}

SnapshotStore find_store(const StateRequest& request, const States& states) {
    SnapshotStore store(folder_of_store(request));
    if (store.folder().empty()) {
        throw Error(ErrorKind::kFailure,
                    cat("there is no place for the states of ", quote(request.database.shown, 200)))
            .with_detail("They would lie below $XDG_STATE_HOME or $HOME, and neither is an absolute path.")
            .with_hint("name a folder: --store DIR");
    }
    // Opening says it best, with the names that come near.
    if (!states.exists() && !store.exists()) open_database(request.database, {OpenMode::kReadOnly, 0});
    return store;
}

SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options) {
    check_snapshot_name(options.name);
    if (options.kind) form_of(request, *options.kind);
    const std::unique_ptr<States> states = open_states(request);
    SnapshotStore store = find_store(request, *states);
    if (!states->exists()) {
        throw Error(ErrorKind::kNotFound, cat("database ", quote(states->identity().shown, 200), " does not exist"));
    }
    const auto refuse_existing = [&] {
        if (!store.has(options.name) || options.force) return;
        throw Error(ErrorKind::kRefused, cat("there is a snapshot ", quote(options.name), " already"))
            .with_detail(cat("It is in ", quote(store.folder(), 200), "."))
            .with_hint("replace it with --force, or give another name");
    };
    refuse_existing();  // before anything is made
    std::vector<std::string> cleared = store.lock_for_writing(*states, request.busy_timeout_ms);
    refuse_existing();
    SnapshotReport report = take_snapshot(request, options, *states, store);
    report.warnings.insert(report.warnings.begin(), cleared.begin(), cleared.end());
    return report;
}

SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options, States& states,
                             const SnapshotStore& store) {
    SnapshotReport report{.manifest = {}, .store = store.folder(), .replaced = store.has(options.name), .warnings = {}};
    report.manifest.database = states.identity().name;
    try {
        save_state(request, options, states, store, report);
    } catch (...) {
        remove_empty_store(store.folder());
        throw;
    }
    return report;
}

}  // namespace dbfixture
