// SPDX-License-Identifier: MIT
// restore: a database back to a snapshot (DESIGN 6).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/states.h"
#include "ops/diff.h"
#include "ops/diff/result.h"
#include "state/snapshot.h"

namespace dbfixture {

struct RestoreOptions {
    std::string name = "default";
    bool latest = false;
    bool force = false;             // a snapshot of another database too
    bool rebuild = false;           // make the schema anew where it is another
    std::vector<std::string> keep;  // tables whose present rows stay
};

// The snapshot that was chosen, with the store locked for reading, and the database that is to become it.
struct ChosenSnapshot {
    StateRequest request;
    std::unique_ptr<States> states;
    SnapshotStore store;
    std::string name;
    Manifest manifest;
    bool borrowed = false;  // of the original of a throwaway copy
    bool foreign = false;   // of a database of another name, and there is one that it would replace
};

// Where the snapshot's data is, and what it is.
SavedState state_of(const SnapshotStore& store, const Manifest& manifest);

// Throws kNotFound, kInput for a damaged manifest and for a state of another engine's, and kRefused for a foreign one
// unless `force`. Where no database is,
// or an empty file, there is nothing to lose, and no snapshot is foreign.
ChosenSnapshot choose_snapshot(const StateRequest& request, const RestoreOptions& options);

struct RestoreReport {
    StateRestoreReport state;
    bool created = false;               // there was no database
    std::vector<std::string> warnings;  // the restore is done, but ...; sentences without a full stop
};

RestoreReport restore_snapshot(const ChosenSnapshot& chosen, const RestoreOptions& options);

// Throws kInput unless the data is as the manifest says, and of a kind that the database's engine saves. `states` is of
// the request's database.
void verify_snapshot(const StateRequest& request, States& states, const SnapshotStore& store, const Manifest& manifest);

// Verifies the snapshot and calls `use` with it, opened as a database that is only read.
void with_snapshot(const ChosenSnapshot& chosen, const std::function<void(Connection&)>& use);

// Verifies the snapshot, compares, writes nothing. `rows`: is given each row that would change, where both sides can be
// read.
StateChanges preview_restore(const ChosenSnapshot& chosen, const RestoreOptions& options, DiffSink* rows = nullptr);

}  // namespace dbfixture
