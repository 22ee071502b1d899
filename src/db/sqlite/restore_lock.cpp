// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_lock.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/image_header.h"
#include "db/sqlite/lock_holders.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

bool is_busy(int code) {
    return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

bool is_empty(const ImageHandle& handle) {
    sqlite3_file* file = handle.file();
    sqlite3_int64 size = 0;
    return file->pMethods->xFileSize(file, &size) == SQLITE_OK && size == 0;
}

// Lets SQLite open a file that is shorter than its header says, or whose schema cannot be read: all of it will be
// written anyway.
void accept_damage(ImageHandle& handle) {
    handle.try_execute("PRAGMA writable_schema=ON");
}

// The write lock is held.
bool is_untouched(const ImageHandle& handle, const std::string& stamp) {
    return !stamp.empty() && stamp == stamp_now(handle.path(), handle.wal_path());
}

void lock_writers_out(ImageHandle& handle, const std::string& path, int busy_timeout_ms) {
    handle.set_busy_timeout(busy_timeout_ms);
    const int code = handle.try_execute("BEGIN IMMEDIATE");
    if (is_busy(code)) throw_busy(path, busy_timeout_ms, "another connection to release its write lock");
    if (code != SQLITE_OK) handle.fail(code);
}

// False if it is in use.
bool lock_all_out(ImageHandle& handle, int busy_timeout_ms) {
    handle.set_busy_timeout(busy_timeout_ms);
    const int code = handle.try_execute("BEGIN EXCLUSIVE");
    if (code != SQLITE_OK && !is_busy(code)) handle.fail(code);
    return code == SQLITE_OK;
}

// Nothing if a WAL turns up, with no lock held. Where there is nothing to do, the lock that only writers need is enough
// to see it; but who has the file to itself is asked first, since it then need not be read twice.
std::optional<Hold> hold_file(ImageHandle& handle, const std::string& path, const std::string& stamp,
                              const IsEqual& is_equal, int busy_timeout_ms) {
    constexpr int kShortMs = 50;
    if (!stamp.empty()) {
        lock_writers_out(handle, path, busy_timeout_ms);
        if (!uses_wal(handle) && is_untouched(handle, stamp)) return Hold::kUntouched;
        handle.execute("ROLLBACK");
    }
    if (!lock_all_out(handle, std::min(busy_timeout_ms, kShortMs))) {
        lock_writers_out(handle, path, busy_timeout_ms);
        if (!uses_wal(handle) && !is_empty(handle) && is_equal(handle)) return Hold::kUnchanged;
        handle.execute("ROLLBACK");
        if (!lock_all_out(handle, busy_timeout_ms)) {
            lock_writers_out(handle, path, 0);  // or says that it waited for a writer
            throw_busy(path, busy_timeout_ms, "a reader to end its transaction");
        }
    }
    if (!uses_wal(handle)) {
        if (is_untouched(handle, stamp)) return Hold::kUntouched;
        if (!is_empty(handle)) return Hold::kFile;
    }
    handle.execute("ROLLBACK");
    return uses_wal(handle) ? std::nullopt : std::optional(Hold::kEmpty);  // somebody may just have turned it on
}

// Nothing if somebody else is connected. A locking mode chosen before the first read makes SQLite take the exclusive
// file lock when it opens the WAL, and keep the WAL's index in its own memory; the lock stays until the close. `handle`
// has read nothing yet.
std::optional<HeldDatabase> hold_alone(ImageHandle handle, const std::string& stamp) {
    handle.set_busy_timeout(0);
    handle.execute("PRAGMA locking_mode=EXCLUSIVE");
    int code = handle.try_execute("BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = handle.try_execute("COMMIT");
    if (code == SQLITE_OK && is_untouched(handle, stamp)) {
        handle.leave_wal();
        return HeldDatabase{std::move(handle), Hold::kUntouched};
    }
    if (code == SQLITE_OK) {
        code = sqlite3_wal_checkpoint_v2(handle.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    }
    if (is_busy(code)) return std::nullopt;
    if (code != SQLITE_OK) handle.fail(code);
    if (file_size_or_zero(handle.wal_path()) != 0) return std::nullopt;
    const Hold hold = is_empty(handle) ? Hold::kEmpty : Hold::kFile;
    return HeldDatabase{std::move(handle), hold};
}

}  // namespace

bool uses_wal(const ImageHandle& handle) {
    if (::access(handle.wal_path().c_str(), F_OK) == 0) return true;
    sqlite3_file* file = handle.file();
    char bytes[kHeaderSize];
    if (file->pMethods->xRead(file, bytes, sizeof bytes, 0) != SQLITE_OK) return false;
    const auto header = parse_header({bytes, sizeof bytes});
    return header && header->wal;
}

void throw_busy(const std::string& path, int waited_ms, const std::string& what) {
    check_interrupt();
    const std::string holders = lock_holders(path);
    throw Error(ErrorKind::kBusy, cat("database ", quote(path, 200), " is busy"))
        .with_detail(cat("Waited ", waited_ms, " ms for ", what, holders.empty() ? "" : ": ", holders, "."))
        .with_hint("End that transaction, or wait longer with --busy-timeout.");
}

HeldDatabase hold_database(const std::string& path, HandleMode mode, const std::string& stamp, const IsEqual& is_equal,
                           int busy_timeout_ms) {
    ImageHandle handle(path, mode, busy_timeout_ms);
    accept_damage(handle);
    if (!uses_wal(handle) || is_empty(handle)) {  // a WAL beside an empty file is removed by SQLite
        if (const auto hold = hold_file(handle, path, stamp, is_equal, busy_timeout_ms))
            return {std::move(handle), *hold};
        handle.close();
        handle = ImageHandle(path, HandleMode::kReadWrite, 0);
        accept_damage(handle);
    }
    if (auto alone = hold_alone(std::move(handle), stamp)) return std::move(*alone);
    ImageHandle shared(path, HandleMode::kReadWrite, busy_timeout_ms);
    accept_damage(shared);
    if (!stamp.empty()) {
        lock_writers_out(shared, path, busy_timeout_ms);
        const bool untouched = is_untouched(shared, stamp);
        shared.execute("ROLLBACK");
        if (untouched) {
            shared.leave_wal();
            return {std::move(shared), Hold::kUntouched};
        }
    }
    return {std::move(shared), Hold::kShared};
}

}  // namespace dbfixture::sqlite
