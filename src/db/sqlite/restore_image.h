// SPDX-License-Identifier: MIT
// Puts a database back to an image, in place, under its own locks, all or nothing (DESIGN 6). Three ways with one
// outcome: pages are written directly where the file can be had alone (restore_pages.h); otherwise, in a WAL database
// that others have open and in an empty file, SQLite's backup API writes all of them in a transaction of its own.
#pragma once

#include <cstdint>
#include <string>

namespace dbfixture::sqlite {

// What the manifest says of an image file.
struct ImageFile {
    std::string path;
    std::uint64_t bytes = 0;
    std::string checksum;
};

enum class RestoreWay { kUnchanged, kPages, kBackup };

struct ImageRestoreReport {
    RestoreWay way = RestoreWay::kUnchanged;
    std::uint64_t pages_written = 0;
};

// `database` must be an existing file unless `create`. Throws Error with the database as it was: kInput for a damaged
// image (before anything changes), kBusy, kFailure, kNotFound, kInterrupted. If it fails while pages are being written,
// it rolls back before it throws; should even that fail, the next to open the database rolls back.
ImageRestoreReport restore_image_file(const std::string& database, const ImageFile& image, bool create,
                                      int busy_timeout_ms);

// Reads an image file whole. Throws kInput, naming the file, unless size and checksum are the recorded ones.
void verify_image_file(const ImageFile& image);

}  // namespace dbfixture::sqlite
