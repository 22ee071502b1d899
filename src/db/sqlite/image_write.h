// SPDX-License-Identifier: MIT
// Saves a whole database as one file: its pages as of one read transaction, in rollback-journal form, so that the copy
// is itself a database that any SQLite opens.
#pragma once

#include <string>

#include "db/sqlite/image_handle.h"
#include "db/states.h"

namespace dbfixture {
class WorkCount;
}

namespace dbfixture::sqlite {

// Creates `target` (mode 0600; it must not exist) and syncs it, unless nobody needs it after a power cut (`syncs`); on
// failure removes it again. Throws kBusy when a writer
// keeps the database locked for longer than the timeout, kNotFound, kInput (not a database), kFailure, kInterrupted.
StateSaveReport write_image_file(const std::string& database, const std::string& target, int busy_timeout_ms,
                                 bool syncs = true, WorkCount* work = nullptr);

// The state of the handle's read transaction as a new file: page 1 is as it is, and nothing is synced. Throws as above,
// with the file left behind.
void copy_by_backup(ImageHandle& source, const std::string& target, int busy_timeout_ms, WorkCount* work = nullptr);

// The same pages into `target`, a file of the caller's that is empty, neither read through nor synced: for a copy that
// nobody needs after a power cut.
void copy_database_file(const std::string& database, const std::string& target, int busy_timeout_ms);

// Makes page 1 of a private database file say rollback journal and the true number of pages; sums up and syncs the
// file.
SavedState finish_image_file(const std::string& path);

}  // namespace dbfixture::sqlite
