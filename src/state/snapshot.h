// SPDX-License-Identifier: MIT
// snapshot: the whole state of a database into a store (DESIGN 6).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "db/location.h"
#include "db/states.h"
#include "state/store.h"

namespace dbfixture {

// Where the state lives, and where its snapshots do.
struct StateRequest {
    Location database;
    std::string store;  // folder; "" for default_store()
    int busy_timeout_ms = 5000;
    bool drop_triggers = false;  // States::drop_triggers()
    bool end_sessions = false;   // States::end_sessions()
    WorkCount* work = nullptr;   // States::watch()
};

std::unique_ptr<States> open_states(const StateRequest& request);

struct SnapshotOptions {
    std::string name = "default";
    bool force = false;             // replace a snapshot of that name
    std::optional<StateKind> kind;  // nothing: the engine's default
    std::string tool;               // "dbfixture 0.1.0"
};

struct SnapshotReport {
    Manifest manifest;
    std::string store;
    bool replaced = false;
    std::vector<std::string> warnings;  // sentences without a full stop
};

// Throws kRefused if there is a snapshot of that name and not `force`; kUsage for a bad name, a kind that the engine
// does not save, or a database whose state cannot be saved; kNotFound, kBusy, kInput, kFailure (also for damage in the
// database), with the old snapshot as it was. What merely cannot be counted is a warning.
SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options);

// The same into a store that is locked for writing; replaces a snapshot of that name.
SnapshotReport take_snapshot(const StateRequest& request, const SnapshotOptions& options, States& states,
                             const SnapshotStore& store);

// The kind of state that the database's engine saves unless another is asked for.
const StateForm& default_form(const StateRequest& request);

// Records, or a kind that the engine lists. Throws kUsage, naming those, for one that it does not save.
StateForm form_of(const StateRequest& request, StateKind kind);

// default_store() unless `request` names a folder (store_folder.h says when that is the store itself); "" where there
// is none. Nothing is made, and no server asked.
std::string folder_of_store(const StateRequest& request);

// The store in that folder, not locked. `states` is of the request's database. Throws kNotFound where there is neither
// such a folder nor the database: then the database's name is wrong. Throws kFailure where there can be no folder.
SnapshotStore find_store(const StateRequest& request, const States& states);

}  // namespace dbfixture
