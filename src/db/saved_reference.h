// SPDX-License-Identifier: MIT
// The small file that a state which the server keeps has in a store. It names what is kept, and holds neither an
// address nor a password:
//
//     dbfixture reference 1
//     kind copy
//     system 7311234567890123456
//     database 16384
//     object dbfixture_default_3f2a9c01
//     end
//
// It is written before what it names is made, and removed after that is dropped: what is on the server without one is
// what a killed process left (States::sweep), and a file without what it names is a damaged state.
#pragma once

#include <set>
#include <string>

#include "db/states.h"

namespace dbfixture {

struct SavedReference {
    StateKind kind = StateKind::kCopy;
    std::string system;    // what tells the server from others
    std::string database;  // that the state is of, in the engine's words
    std::string object;    // the schema or database that holds it
    bool operator==(const SavedReference&) const = default;
};

// Throws kNotFound if there is no file, kInput, naming the place, for one that is no reference or a part of one.
SavedReference read_saved_reference(const std::string& place);
// A new file, durably. Throws kFailure.
void write_saved_reference(const std::string& place, const SavedReference& reference);
// What the references in the folder name; files that are none do not matter. Throws kFailure for a folder or file that
// cannot be read: then nobody knows what is still named.
std::set<std::string> objects_named_in(const std::string& folder);

}  // namespace dbfixture
