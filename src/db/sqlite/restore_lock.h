// SPDX-License-Identifier: MIT
// How much of a database this process can have to itself right now.
#pragma once

#include <functional>
#include <string>

#include "db/sqlite/image_handle.h"

namespace dbfixture::sqlite {

enum class Hold {
    kUntouched,  // the database is as the stamp says; the lock has done its service
    kUnchanged,  // the same, as `is_equal` says
    kFile,       // the exclusive lock is held until the handle is closed, and the database file alone is the state
    kShared,     // a WAL database that others have open: nothing is held, only SQLite's own transactions are possible
    kEmpty       // a file without pages: nothing is held
};

struct HeldDatabase {
    ImageHandle handle;
    Hold hold;
};

// Asked under the write lock, while the database's file alone is the state, others only read, and would be in the way
// of anything but finding that nothing differs.
using IsEqual = std::function<bool(ImageHandle&)>;

// Rollback-journal mode: waits for readers and writers up to the timeout, then throws kBusy naming who it waited for;
// readers are not waited for where `stamp` or `is_equal` shows that there is nothing to do.
// WAL: if nobody else is connected, takes the file's exclusive lock (no one can connect then) and empties the WAL; it
// never waits for others to leave. A hot journal or a WAL left by a crashed application is recovered by SQLite on the
// way. `stamp`
// (stamp_file.h, or "") is compared under the write lock, before anything else is done to the files.
HeldDatabase hold_database(const std::string& path, HandleMode mode, const std::string& stamp, const IsEqual& is_equal,
                           int busy_timeout_ms);

// kBusy, saying what kept `path` busy for that long: `what` is "a reader", "a writer".
[[noreturn]] void throw_busy(const std::string& path, int waited_ms, const std::string& what);

// WAL by the header or by an existing WAL file, as SQLite decides it.
bool uses_wal(const ImageHandle& handle);

}  // namespace dbfixture::sqlite
