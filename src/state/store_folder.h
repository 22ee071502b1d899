// SPDX-License-Identifier: MIT
// Which folder is a snapshot store, and what in it is dbfixture's own.
//
//  1. A folder is a store once it holds the marker file. Without it nothing in a folder is cleaned up, and no
//     .gitignore is written.
//  2. A folder that is asked for is the store if it is marked, is not there yet or is empty, or is a store of the time
//     before markers. In any other folder, which belongs to somebody, the store is its subfolder "dbfixture.snapshots".
//  3. A store of the time before markers is marked by the next to write to it, if all that it holds is dbfixture's.
//     Otherwise it goes on as it is, without a marker.
//  4. What is removed without being named by a manifest has a name that nobody else gives: ".dbfixture-..." or
//     "NAME-<id>.dbfixture.<extension>". Even a marked folder may hold other people's files.
//  5. A folder that dbfixture made has a .gitignore, says in its marker who made it, and goes with its last snapshot.
//  So
//     does one of the name that dbfixture gives in which there is nothing yet: whoever made it was killed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/location.h"
#include "db/states.h"

namespace dbfixture {

constexpr std::string_view kManifestEnd = ".json";
// Of the folder beside a database, whose path it follows.
constexpr std::string_view kStoreEnd = ".snapshots";
// The extension of what a state of a layer has other than the one below it.
std::string_view difference_end(const StateForm& form);

// The names of what is in a folder; nothing if it is not there. Throws kFailure where it cannot be read: it must never
// look empty.
std::vector<std::string> files_in(const std::string& folder);

// Where states lie unless another folder is asked for: beside the database's file. Beside a server's database there is
// nothing: it has a folder of its own below $XDG_STATE_HOME or ~/.local/state, the same from every working directory
// and for each way to write the same address. "" where there is no such place, and for a database in memory.
// `database`: of identify(), which asks no server.
std::string default_store(const DatabaseIdentity& database);

// Rule 2.
std::string store_folder(const std::string& asked);

bool is_marked_store(const std::string& folder);

// Makes the folder unless it is there, and those above it; what is made below the user's state is nobody else's to
// read. True if it was made. Throws kFailure, also where it cannot be written to.
bool make_store_folder(const std::string& folder);

// Rule 5, with the folder locked.
bool was_begun(const std::string& folder);

// Rules 3 and 5, with the folder locked. `made` is what make_store_folder() said, or was_begun().
void mark_store_folder(const std::string& folder, bool made);

// Rule 5: removes the folder if only the marker and .gitignore are left in it. Best effort.
void remove_empty_store(const std::string& folder) noexcept;

// ".dbfixture-<file>.tmp": being written. ".dbfixture-stamp-<data file>".
std::string temporary_name(const std::string& file);
std::string stamp_name(const std::string& data_file);
bool is_temporary_name(std::string_view file);
// The data file of a stamp's name; "" if it is none.
std::string data_of_stamp(std::string_view file);

// A name for new data of the snapshot.
std::string new_data_name(const std::string& snapshot, std::string_view extension);
bool is_data_name(std::string_view file);         // of new_data_name()
bool may_be_data_of_ours(std::string_view file);  // or of a version before: only where a manifest names it

// Whether a file begins as a manifest does, or as one that a crash cut short or that lost a few bytes.
bool begins_as_manifest(const std::string& path);

// A file of a store, links not followed. Throws kNotFound, kInput for one that is too large, kFailure.
std::string read_store_file(const std::string& path);

// Written beside its name, synced if `durable`, renamed over it. Throws with the old file as it was.
void replace_file(const std::string& path, const std::string& temporary, std::string_view text, bool durable);

}  // namespace dbfixture
