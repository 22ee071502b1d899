// SPDX-License-Identifier: MIT
// A throwaway copy of a database, for a run of its own (DESIGN 7).
#pragma once

#include <cstdint>
#include <string>

#include "db/location.h"
#include "state/temp_folder.h"

namespace dbfixture {

struct TempCopyRequest {
    std::string name;  // of the file
    const Engine* engine = nullptr;
    std::string source;  // the path of a database or of an image; "": made by `schema`
    std::string schema;  // the path of a file of SQL
    std::string like;    // the path of the database whose journal mode it gets; "" for none
    TempMark mark;
    bool on_disk = false;  // not in memory, where there was too little room after all
    int busy_timeout_ms = 5000;
};

struct TempCopy {
    TempFolder folder;
    std::string file;
    const Engine* engine = nullptr;
    bool in_memory = false;
    std::uint64_t bytes = 0;
};

// In memory where there is room for it, for the state that `reset` leads back to, and for as much again that its
// programs may write; else on the disk. Throws
// kFailure, naming each folder and what was wrong with it, if there is room nowhere; kInput for a bad schema; and what
// fill_copy() throws (db/private_copy.h).
TempCopy make_temp_copy(const TempCopyRequest& request);

// What a file of SQL says. Throws kNotFound, kFailure.
std::string read_schema(const std::string& path);

}  // namespace dbfixture
