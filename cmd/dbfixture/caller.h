// SPDX-License-Identifier: MIT
// What a command gets from around its words: of main(), or of serve, which runs many in one process.
#pragma once

#include <optional>
#include <string>

#include "base/child.h"
#include "base/processes.h"
#include "options.h"

namespace dbfixture {

class SeenDatabases;

struct Caller {
    InheritedSignals signals;  // for the programs that a command starts
    GlobalOptions options;     // hold where the command's own words say nothing else

    // What serve says in place of the process's own.
    bool serves = false;
    std::optional<ProcessIdentity> parent;  // whose the layers are that a command opens
    std::optional<std::string> input;       // standard input
    SeenDatabases* seen = nullptr;          // asked about each database that a command works on
};

// The process that started this one; this one itself where that has ended.
ProcessIdentity calling_process();

}  // namespace dbfixture
