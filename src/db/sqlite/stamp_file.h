// SPDX-License-Identifier: MIT
// How a database looks from outside: boot, and device, inode, size, mtime and ctime of the database and its WAL. Two
// equal stamps mean an untouched database, because
//
//  1. every write to a file sets its ctime from the clock, and nobody can set a ctime;
//  2. a stamp is only given out once the clock has passed the ctimes in it, so a later write cannot leave the same one;
//  3. an empty WAL file holds nothing, and counts as no WAL;
//  4. what a crash of the machine may have lost or kept is another matter: the boot is part of it;
//  5. file systems that are not known to keep time finely and locally get no stamp;
//  6. where every change after a look gets a time of its own (Linux since 6.13), rule 2 holds at once. That is tried on
//     the database itself: its atime is set to what it is, and if its ctime has moved within one tick of the clock, no
//     later write can leave the ctime as it is then.
//
// The change counter in the file proves nothing: WAL transactions and exclusive locking do not raise it.
#pragma once

#include <string>

namespace dbfixture::sqlite {

// As of now; "" by rule 5. To be compared with a stored one while the database's write lock is held.
std::string stamp_now(const std::string& database, const std::string& wal);

// The same after rule 2 has been waited for (a few milliseconds at most); "" if the files changed meanwhile.
std::string settled_stamp(const std::string& database, const std::string& wal);

// The same for who has just written the database and still holds its write lock: by rule 6 without waiting, where that
// is known to do.
std::string stamp_of_written(const std::string& database, const std::string& wal);

}  // namespace dbfixture::sqlite
