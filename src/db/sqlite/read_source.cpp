// SPDX-License-Identifier: MIT
#include "db/sqlite/read_source.h"

#include <sqlite3.h>

#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

// A read transaction that does not depend on the schema being readable.
int begin_reading(ImageHandle& handle) {
    return handle.try_execute("BEGIN; PRAGMA schema_version");
}

// SQLite does not open a WAL database where it can neither write nor find the files beside it. Without a log with
// content the file alone is the state, and nobody who could write it has it open.
bool is_closed_wal_database(const ImageHandle& handle, int code) {
    const int kind = code & 0xff;
    return (kind == SQLITE_CANTOPEN || kind == SQLITE_READONLY) && uses_wal(handle) &&
           file_size_or_zero(handle.wal_path()) == 0;
}

}  // namespace

ReadSource open_read_source(const std::string& database, int busy_timeout_ms) {
    ReadSource source{.handle = ImageHandle(database, HandleMode::kRead, busy_timeout_ms), .stamp = {}};
    const std::string path = source.handle.path();
    const std::string wal_path = source.handle.wal_path();
    // A WAL may grow while it is read; so the stamp must still hold when the read transaction has begun.
    const std::string before = settled_stamp(path, wal_path);
    if (::stat(path.c_str(), &source.facts) != 0) {
        throw Error(ErrorKind::kFailure, cat("could not read ", quote(path, 200), ": ", system_words(errno)));
    }
    int code = begin_reading(source.handle);
    if ((code & 0xff) == SQLITE_BUSY) throw_busy(path, busy_timeout_ms, "a writer to finish");
    if (code != SQLITE_OK && is_closed_wal_database(source.handle, code)) {
        source.handle = ImageHandle(database, HandleMode::kImmutable, 0);
        source.without_lock = true;
        code = begin_reading(source.handle);
    }
    if (code != SQLITE_OK) source.handle.fail(code);
    source.handle.leave_wal();
    source.stamp = stamp_now(path, wal_path);
    if (source.stamp != before) source.stamp.clear();
    return source;
}

void require_unchanged(const ReadSource& source, const std::string& path) {
    if (!source.without_lock) return;
    struct stat now = {};
    const auto same = [](const timespec& a, const timespec& b) {
        return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
    };
    if (::stat(path.c_str(), &now) == 0 && now.st_ino == source.facts.st_ino && now.st_size == source.facts.st_size &&
        same(now.st_mtim, source.facts.st_mtim) && same(now.st_ctim, source.facts.st_ctim) &&
        file_size_or_zero(cat(path, "-wal")) == 0) {
        return;
    }
    throw Error(ErrorKind::kBusy, cat("database ", quote(path, 200), " was written to while it was read"))
        .with_hint("run the command again");
}

}  // namespace dbfixture::sqlite
