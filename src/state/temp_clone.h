// SPDX-License-Identifier: MIT
// A throwaway copy of a database on a server, for a run of its own (DESIGN 7): temp_copy.h for databases that are no
// files. Its folder holds its lock and the store of its states, nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "db/server_copy.h"
#include "state/temp_folder.h"

namespace dbfixture {

struct TempCloneRequest {
    Location database;
    bool empty = false;               // nothing of the database, which need not exist
    std::optional<SavedState> state;  // copied in place of the database
    std::string schema;               // the path of a file of SQL, for an empty one
    TempMark mark;                    // without `clone`
    int busy_timeout_ms = 5000;
};

struct TempClone {
    TempFolder folder;
    std::unique_ptr<ServerCopy> copy;  // goes first
};

// First drops the copies on that server that killed runs of this host have left. Throws as make_server_copy() and
// fill_from_sql() do (db/server_copy.h); kFailure if there is no place for the folder.
TempClone make_temp_clone(const TempCloneRequest& request);

}  // namespace dbfixture
