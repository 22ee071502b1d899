// SPDX-License-Identifier: MIT
// restore: a database back to a snapshot (DESIGN 6).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/states.h"
#include "state/snapshot.h"

namespace dbfixture {

struct RestoreOptions {
    std::string name = "default";
    bool latest = false;
    bool force = false;             // a snapshot of another database too
    std::vector<std::string> keep;  // tables whose present rows stay
};

// The snapshot that was chosen, with the store locked for reading, and the database that is to become it.
struct ChosenSnapshot {
    std::unique_ptr<States> states;
    SnapshotStore store;
    std::string name;
    Manifest manifest;
    bool foreign = false;  // of a database of another name, and there is one that it would replace
};

// Throws kNotFound, kInput for a damaged manifest, and kRefused for a foreign one unless `force`. Where no database is,
// or an empty file, there is nothing to lose, and no snapshot is foreign.
ChosenSnapshot choose_snapshot(const StateRequest& request, const RestoreOptions& options);

struct RestoreReport {
    StateRestoreReport state;
    bool created = false;               // there was no database
    std::vector<std::string> warnings;  // the restore is done, but ...; sentences without a full stop
};

RestoreReport restore_snapshot(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options);

// Throws kInput unless the data is as the manifest says.
void verify_snapshot(States& states, const SnapshotStore& store, const Manifest& manifest);

// What a restore would change in a table. `before` and `after` are numbers of rows, nothing where the table is not, or
// could not be read.
struct TableChange {
    std::string table;
    std::optional<std::uint64_t> before, after;
    std::uint64_t removed = 0;  // rows whose key would go
    std::uint64_t added = 0;    // rows whose key would come
    std::uint64_t changed = 0;  // rows that would get other values
    bool schema = false;        // the definition would change
};

// A table whose rows cannot be read, and that may change; "" is the whole database.
struct UncomparedTable {
    std::string table, reason;
    bool derived = false;  // made of other tables' rows
};

struct RestorePreview {
    std::vector<TableChange> tables;         // those with any change, by name
    std::vector<std::string> other_changes;  // "index \"i\" would be created"
    std::vector<UncomparedTable> not_compared;
    bool any() const { return !tables.empty() || !other_changes.empty(); }
};

// Verifies the snapshot, compares, writes nothing.
RestorePreview preview_restore(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options);

}  // namespace dbfixture
