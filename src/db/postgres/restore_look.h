// SPDX-License-Identifier: MIT
// What a restore sees of the database, under its locks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/reader_beside.h"
#include "db/postgres/restore_catalog.h"
#include "db/postgres/restore_sequences.h"
#include "db/postgres/restore_table.h"
#include "db/postgres/saved_manifest.h"
#include "db/postgres/transaction.h"
#include "db/states.h"

namespace dbfixture::postgres {

struct Look {
    SavedManifest manifest;
    std::vector<RestoreTable> tables;  // all of the state
    std::vector<MovedSequence> sequences;
    // Of the snapshot under the locks: the oldest transaction that is still open, and the next one.
    std::uint64_t oldest = 0, next = 0;
    SeenCatalog seen;           // as it is to be kept
    bool same_catalog = false;  // as it was kept
    std::string digest;         // catalog_digest(); "" for the same catalog
    bool new_digest = false;    // it is not the one that was kept last
    struct Guard {
        Oid table = 0;
        std::string what;  // "trigger \"x\"", "rule \"x\""
    };
    std::vector<Guard> always;  // what acts on rows although the replica role is on
    std::uint64_t large_objects = 0;
    std::vector<std::string> stale_views;  // materialized views that were refreshed or changed since
    ReaderBeside* beside = nullptr;        // where large tables are worth one

    std::vector<RestoreTable*> dirty();
};

// Begins the transaction, locks all tables of the state, which the schema `object` holds, and looks at them. Throws
// kBusy, naming who holds a table; kInput for a state that is not as it was saved, and for a schema that is not, naming
// the difference; else as read_saved_manifest().
Look look_under_locks(Session& session, const SavedState& state, const std::string& object,
                      std::optional<Transaction>& transaction, ReaderBeside* beside);

}  // namespace dbfixture::postgres
