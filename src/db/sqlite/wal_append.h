// SPDX-License-Identifier: MIT
// One transaction of whole pages for a WAL database that others have open: what SQLite would write if its backup
// interface could leave out the pages that are the same. As SQLite's file format (section 4) and its description of the
// WAL mode's shared index (https://sqlite.org/walformat.html) define it.
//
//  1. The caller's connection holds the write lock of the WAL, whose holder alone may append to it, and the WAL file is
//     empty: nobody reads from it, and who is in a transaction reads the database file, which does not change here.
//  2. Header and frames are written and synced. Nobody looks at them yet. Their salts are new, so that if we are killed
//     here, none of our frames is ever taken for one of the next writer's. If writing fails, the file is emptied again.
//  3. The shared index gets the frames, and last of all a new header: that is the moment of commit. It is what every
//     connection compares at the start of its next transaction to drop its cache.
//  4. After a crash, the index is built anew from the log, by whoever opens the database.
#pragma once

#include <cstdint>
#include <optional>

#include "db/sqlite/restore_pages.h"
#include "db/sqlite/restore_target.h"

struct sqlite3_file;

namespace dbfixture::sqlite {

// Rules 1 to 3 for the pages of `difference` and those that `target` has beyond the live end. `target` has the live
// page size. Returns the number of pages written; nothing, with nothing done, where the index is not of the form that
// is known here. Throws kInput, kFailure, kInterrupted with the database as it was.
std::optional<std::uint64_t> append_to_wal(const LiveFile& live, sqlite3_file* wal, RestoreTarget& target,
                                           const PageDifference& difference);

// Every transaction in the WAL makes it another; nothing where the index is not of the form that is known here. Under
// the write lock.
std::optional<std::uint32_t> wal_change_number(sqlite3_file* database);

}  // namespace dbfixture::sqlite
