// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_untouched.h"

#include <sqlite3.h>

#include <cstddef>
#include <memory>

#include "base/cat.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_header.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

// A database file as SQLite's pager has it, with the locks that go when it does.
class LockedFile {
  public:
    explicit LockedFile(const std::string& path) : vfs_(sqlite3_vfs_find(nullptr)), path_(path) {
        path_.append(2, '\0');  // no parameters follow
        const auto size = static_cast<std::size_t>(vfs_->szOsFile);
        memory_ = std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1);
        int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE;
        const int code = vfs_->xOpen(vfs_, path_.c_str(), file(), flags, &flags);
        can_write_ = code == SQLITE_OK && (flags & SQLITE_OPEN_READONLY) == 0;
    }
    LockedFile(const LockedFile&) = delete;
    LockedFile& operator=(const LockedFile&) = delete;
    ~LockedFile() {
        if (file()->pMethods == nullptr) return;
        if (keeps_writers_out_)
            file()->pMethods->xShmLock(file(), kWriters, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
        if (file()->pMethods->iVersion > 1) file()->pMethods->xShmUnmap(file(), 0);
        file()->pMethods->xUnlock(file(), SQLITE_LOCK_NONE);
        file()->pMethods->xClose(file());
    }

    bool lock(int level) { return can_write_ && file()->pMethods->xLock(file(), level) == SQLITE_OK; }

    // In WAL mode, of those who are connected.
    bool keep_writers_out() {
        file()->pMethods->xUnlock(file(), SQLITE_LOCK_SHARED);
        volatile void* region = nullptr;
        if (file()->pMethods->iVersion < 2) return false;
        if (file()->pMethods->xShmMap(file(), 0, kRegion, 1, &region) != SQLITE_OK) return false;
        const int code = file()->pMethods->xShmLock(file(), kWriters, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
        return keeps_writers_out_ = code == SQLITE_OK;
    }

    bool is_in_wal_mode() {
        char bytes[kHeaderSize];
        if (file()->pMethods->xRead(file(), bytes, sizeof bytes, 0) != SQLITE_OK) return false;
        const auto header = parse_header({bytes, sizeof bytes});
        return header && header->wal;
    }

  private:
    static constexpr int kWriters = 0;  // which of the locks in shared memory
    static constexpr int kRegion = 32768;

    sqlite3_file* file() const { return reinterpret_cast<sqlite3_file*>(memory_.get()); }

    sqlite3_vfs* vfs_;
    std::string path_;  // SQLite keeps a pointer to it
    std::unique_ptr<std::max_align_t[]> memory_;
    bool can_write_ = false;
    bool keeps_writers_out_ = false;
};

bool lock_writers_out(LockedFile& file, const std::string& wal) {
    if (!file.lock(SQLITE_LOCK_SHARED)) return false;
    const bool in_wal_mode = file.is_in_wal_mode();
    if (!in_wal_mode && file_size_or_zero(wal) > 0) return false;
    if (!file.lock(SQLITE_LOCK_RESERVED)) return false;
    return !in_wal_mode || file.lock(SQLITE_LOCK_EXCLUSIVE) || file.keep_writers_out();
}

}  // namespace

Stamped compare_stamp(const std::string& database, const std::string& stamp) {
    const std::string wal = cat(database, "-wal");
    if (stamp.empty() || stamp != stamp_now(database, wal)) return Stamped::kChanged;
    LockedFile file(database);
    // A journal may be one that a crash left, and belongs to who can play it back.
    if (!lock_writers_out(file, wal) || file_size_or_zero(cat(database, "-journal")) > 0) return Stamped::kMaybe;
    return stamp == stamp_now(database, wal) ? Stamped::kUntouched : Stamped::kChanged;
}

}  // namespace dbfixture::sqlite
