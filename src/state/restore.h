// SPDX-License-Identifier: MIT
// restore: a database back to a snapshot (DESIGN 6).
#pragma once

#include <cstdint>
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

// The snapshot that was chosen, with the store locked for reading.
struct ChosenSnapshot {
    SnapshotStore store;
    std::string name;
    Manifest manifest;
    bool foreign = false;  // of a database of another name
};

// Throws kNotFound, kInput for a damaged manifest, and kRefused for a foreign one unless `force`.
ChosenSnapshot choose_snapshot(const StateRequest& request, const RestoreOptions& options);

struct RestoreReport {
    ImageRestoreReport image;
    bool created = false;  // there was no database
};

RestoreReport restore_snapshot(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options);

// Throws kInput unless the data is as the manifest says.
void verify_snapshot(const SnapshotStore& store, const Manifest& manifest);

// What a restore would change in a table. `before` and `after` are numbers of rows, nothing where the table is not.
struct TableChange {
    std::string table;
    std::optional<std::uint64_t> before, after;
    std::uint64_t removed = 0;  // rows that would go
    std::uint64_t added = 0;    // rows that would come; a changed row counts in both
    bool schema = false;        // the definition would change
};

struct RestorePreview {
    std::vector<TableChange> tables;         // those with any change, by name
    std::vector<std::string> other_changes;  // "index \"i\" would be created"
    bool any() const { return !tables.empty() || !other_changes.empty(); }
};

// Verifies the snapshot, compares, writes nothing.
RestorePreview preview_restore(const StateRequest& request, const ChosenSnapshot& chosen,
                               const RestoreOptions& options);

}  // namespace dbfixture
