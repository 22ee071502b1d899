// SPDX-License-Identifier: MIT
// Puts a database back to an image, in place, under its own locks, all or nothing (DESIGN 6). Where there is none, it
// is made (restore_new.h). Three ways with one outcome: pages are written directly where the file can be had alone
// (restore_pages.h); in a WAL database that others have open, pages are appended to the log (wal_append.h); where open
// readers keep that log from being emptied first, and in an empty file, SQLite's backup API writes all of them in a
// transaction of its own.
#pragma once

#include <string>

#include "db/states.h"

namespace dbfixture::sqlite {

// `database` is created if there is none. `stamp` as States::restore() has it. Throws Error with the database
// as it was. If writing fails half way, it rolls back before it throws; should even that fail, the next to open the
// database rolls back. `syncs`: false where nothing needs to outlive a power cut.
StateRestoreReport restore_image_file(const std::string& database, const SavedState& image, const std::string& stamp,
                                      int busy_timeout_ms, bool syncs = true, WorkCount* work = nullptr);

// Reads an image file whole. Throws kInput, naming the file, unless size and checksum are the recorded ones.
void verify_image_file(const SavedState& image, WorkCount* work = nullptr);

// Throws kInput, naming the file, unless `found` is the recorded checksum.
void check_image_sum(const SavedState& image, const std::string& found);

}  // namespace dbfixture::sqlite
