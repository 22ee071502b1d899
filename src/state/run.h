// SPDX-License-Identifier: MIT
// run: a command against a prepared database, and everything back afterwards (DESIGN 7).
//
//  1. Whether the command can be run is known before anything is done.
//  2. The database is prepared: a floor (run_floor.h) on the database itself, or a throwaway copy (temp_copy.h) with a
//     floor of its own; then a snapshot, then fixtures. What fails here is put back, and the command is not started.
//  3. Behind a command that ended well, what it left is looked at, if that is asked for (--expect).
//  4. From before the command starts until everything is back, no signal but KILL ends this process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/child.h"
#include "state/snapshot.h"

namespace dbfixture {

// --env NAME=FORM (db/address_forms.h).
struct AddressVariable {
    std::string name;
    std::string form;
};

struct RunOptions {
    std::vector<std::string> words;  // the command
    std::optional<std::string> snapshot;
    bool temp = false;
    std::string schema;        // of a copy: a file of SQL instead of a database
    bool keep = false;         // the copy stays
    bool keep_failed = false;  // if the command failed
    std::vector<AddressVariable> variables;
    bool output_to_stderr = false;
    InheritedSignals inherited;
    std::string tool;  // "dbfixture 0.1.0"
    // Loads the fixtures into the prepared database. Returns warnings.
    std::function<std::vector<std::string>(const Location& database)> load;
    // Called in between, with RunReport::database and with what is to be said before the command says anything.
    std::function<void(const std::string& database, const std::vector<std::string>& notes)> before_start;
    // Called behind a command that ended with 0, with the database as that left it. False: it is not as it should be,
    // and the status is 1. What it throws comes after everything is back.
    std::function<bool(const Location& database)> is_as_expected{};
};

struct RunReport {
    int status = 0;        // of the command
    std::string database;  // that it worked on: the file, or how one on a server is shown
    std::string kept;      // the copy that stays; "" if none does
    std::vector<std::string> warnings;
};

// `state.database` may be of no engine where there is a schema. Throws CannotRun; kUsage, kRefused, kBusy and whatever
// preparing can throw, with everything as before; kFailure and kBusy when something could not be put back.
RunReport run_command(const StateRequest& state, const RunOptions& options);

}  // namespace dbfixture
