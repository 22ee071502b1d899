// SPDX-License-Identifier: MIT
// A throwaway copy of a database in a file of its own. Nobody needs it after a power cut, so nothing of it is synced.
//
// The file is made empty by the caller, room for all of the copy is set aside first, and only then is it filled: a full
// disk is met before anything is done. What an engine does for it are its FileCopies (engine.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/posix_file.h"
#include "db/location.h"

namespace dbfixture {

// The engine of a database that is made by a file of SQL alone.
const Engine& file_engine();

// Throws kUsage for a database that is on a server.
void require_file_copies(const Location& database);

// Of the engine's database in a file of that path.
Location locate_copy(const Engine& engine, const std::string& path);

// How many bytes the copy of a database, or of an image (states.h), would take; `source` is its path.
std::uint64_t room_for_copy(const Engine& engine, const std::string& source);

// False if the disk is full.
bool set_room_aside(const Engine& engine, const std::string& source, const PosixFile& target);

// The state of one read transaction. `like`: the path of the database whose journal mode the copy gets. Throws
// kNotFound, kBusy, kInput (no database), kFailure, kInterrupted.
void fill_copy(const Engine& engine, const std::string& source, const std::string& like, const std::string& target,
               int busy_timeout_ms);

// Fills the file by statements of SQL, which reach nothing else. Throws kInput with the line in `sql_file`, kFailure.
void create_from_sql(const Engine& engine, const std::string& target, std::string_view sql,
                     const std::string& sql_file);

}  // namespace dbfixture
