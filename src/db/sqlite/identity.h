// SPDX-License-Identifier: MIT
// What an SQLite database goes by: the names of its file and folder on every way to it, and what tells the file from
// any other.
#pragma once

#include <string>

#include "db/location.h"

namespace dbfixture::sqlite {

// Engine::identify.
//
//  1. The names are those of the path as given, of each link that it is on the way, and of the file that they end in;
//     each with the folder that it is called in and the one that it really is in.
//  2. A relative path begins in the working directory as the shell names it, which may lead through links.
//  3. Device and inode come back to a new file. With the time of its birth, where the file system keeps one, they tell
//     a file from the one that took its place.
DatabaseIdentity identify(const Location& location);

// Absolute, with links resolved, also one that leads to no file: a database is then made where it leads.
std::string real_path(const std::string& path);

}  // namespace dbfixture::sqlite
