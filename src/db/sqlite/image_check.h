// SPDX-License-Identifier: MIT
// Reads all of a new image once, as a reader of its rows would, so that damage is found when a snapshot is made and not
// when it is needed (SQLite's file format, 1.6 and 2.6).
//
//  1. From the root of each table and index, every page of its tree is visited: it must be within the file, of the
//     right kind, in no other tree, its cells must lie within it, and their overflow chains must be as long as they
//     say. This needs no definition to be understood, so it also holds for what a newer SQLite wrote.
//  2. A schema row must be one that SQLite writes: a known type, a name, a statement, a root where there must be one.
//  3. Where this SQLite cannot read the schema, that alone is no damage: a newer one may have written it. It is damage
//     where it says that objects or roots contradict each other, or where a statement ends before it is complete.
//  4. The free list and values are not looked at: no reader meets the one, and the others are the application's.
#pragma once

#include <string>
#include <vector>

#include "db/states.h"

namespace dbfixture::sqlite {

// Every table but SQLite's own with the number of its rows, in the schema's order. `image` is a file that nobody else
// uses; `database` is what it was made of, for the error. Throws kFailure, kInterrupted.
std::vector<StateTable> check_image_file(const std::string& image, const std::string& database);

}  // namespace dbfixture::sqlite
