// SPDX-License-Identifier: MIT
#include "db/sqlite/image_write.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/restore_pages.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

class RemoveOnFailure {
  public:
    explicit RemoveOnFailure(const std::string& path) : path_(path) {}
    RemoveOnFailure(const RemoveOnFailure&) = delete;
    RemoveOnFailure& operator=(const RemoveOnFailure&) = delete;
    ~RemoveOnFailure() {
        if (!done_) ::unlink(path_.c_str());
    }
    void done() { done_ = true; }

  private:
    const std::string& path_;
    bool done_ = false;
};

// A database without a single table still gets a page, so that restoring it gives other connections a header to read.
void write_empty(const std::string& target) {
    ImageHandle copy(target, HandleMode::kReadWrite, 0);
    copy.execute("PRAGMA journal_mode=OFF; PRAGMA user_version=0; VACUUM");
}

// SQLite reads through the WAL for us. Nothing of the copy needs to be safe before it is synced as a whole.
void write_by_backup(ImageHandle& source, const std::string& target, int busy_timeout_ms) {
    ImageHandle copy(target, HandleMode::kReadWrite, 0);
    copy.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE");
    sqlite3_backup* backup = sqlite3_backup_init(copy.get(), "main", source.get(), "main");
    if (backup == nullptr) copy.fail(sqlite3_errcode(copy.get()));
    int code;
    do {
        code = sqlite3_backup_step(backup, 4096);  // within the source's read transaction: always the same state
    } while (code == SQLITE_OK && pending_interrupt() == 0);
    code = sqlite3_backup_finish(backup);
    check_interrupt();
    if ((code & 0xff) == SQLITE_BUSY) throw_busy(source.path(), busy_timeout_ms, "another connection");
    if (code != SQLITE_OK) copy.fail(code);
}

// The file cannot change while the read lock is held.
void write_by_reading(const LiveFile& live, PosixFile& target) {
    const std::uint64_t size = std::uint64_t{live.pages} * live.header.page_size;
    std::vector<char> buffer(kPiece);
    for (std::uint64_t offset = 0; offset < size; offset += kPiece) {
        check_interrupt();
        const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - offset));
        read_live(live, buffer.data(), piece, offset);
        target.write_at({buffer.data(), piece}, offset);
    }
}

// Makes page 1 say rollback journal and the true number of pages, and sums up the file.
ImageFile finish_image(PosixFile& target) {
    ImageFile image{.path = target.path(), .bytes = target.size(), .checksum = {}};
    std::vector<char> buffer(kPiece);
    Checksum sum;
    for (std::uint64_t offset = 0; offset < image.bytes; offset += kPiece) {
        check_interrupt();
        const std::size_t size = target.read_at(buffer.data(), buffer.size(), offset);
        if (offset == 0) {
            const auto header = parse_header({buffer.data(), size});
            if (!header) throw Error(ErrorKind::kInput, "the database has no valid header");
            set_wal(buffer.data(), false);
            set_change_counter(buffer.data(), header->change_counter);
            set_page_count(buffer.data(), static_cast<std::uint32_t>(image.bytes / header->page_size));
            target.write_at({buffer.data(), kHeaderSize}, 0);
        }
        sum.update({buffer.data(), size});
    }
    target.sync();
    target.close();
    image.checksum = sum.digest();
    return image;
}

}  // namespace

ImageFile finish_image_file(const std::string& path) {
    PosixFile file(path, O_RDWR | O_NOFOLLOW);
    return finish_image(file);
}

ImageWriteReport write_image_file(const std::string& database, const std::string& target, int busy_timeout_ms) {
    ImageHandle source(database, HandleMode::kRead, busy_timeout_ms);
    const std::string path = source.path();
    const std::string wal_path = source.wal_path();
    // A WAL may grow while it is read; nothing was written since this moment if the stamp still holds when the read
    // transaction has begun.
    const std::string before = settled_stamp(path, wal_path);
    // A read transaction that does not depend on the schema being readable.
    int code = source.try_execute("BEGIN; PRAGMA schema_version");
    if ((code & 0xff) == SQLITE_BUSY) throw_busy(path, busy_timeout_ms, "a writer to finish");
    if (code != SQLITE_OK) source.fail(code);
    source.leave_wal();
    const bool wal = uses_wal(source);
    std::string stamp = stamp_now(path, wal_path);
    if (stamp != before) stamp.clear();

    PosixFile file(target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    RemoveOnFailure guard(target);
    const LiveFile live = look_at_live_file(source.file(), path, source.journal_path());
    if (live.pages == 0 && !wal) {
        write_empty(target);
        stamp.clear();
    } else if (wal) {
        write_by_backup(source, target, busy_timeout_ms);
    } else {
        write_by_reading(live, file);
    }
    ImageFile image = finish_image(file);
    guard.done();
    return {image, stamp};
}

}  // namespace dbfixture::sqlite
