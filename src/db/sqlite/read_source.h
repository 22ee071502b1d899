// SPDX-License-Identifier: MIT
// A database in a read transaction, whose pages are to be read.
#pragma once

#include <sys/stat.h>

#include <string>

#include "db/sqlite/image_handle.h"

namespace dbfixture::sqlite {

struct ReadSource {
    ImageHandle handle;
    std::string stamp;          // nothing was written since this moment, which was before the transaction began
    struct stat facts = {};     // of the file
    bool without_lock = false;  // it was opened as a file that nobody writes
};

// Throws kNotFound, kBusy, kInput, kFailure.
ReadSource open_read_source(const std::string& database, int busy_timeout_ms);

// What was read without a lock is one state only if nobody wrote meanwhile. Throws kBusy.
void require_unchanged(const ReadSource& source, const std::string& path);

}  // namespace dbfixture::sqlite
