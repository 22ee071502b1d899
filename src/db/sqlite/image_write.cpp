// SPDX-License-Identifier: MIT
#include "db/sqlite/image_write.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/new_file_guard.h"
#include "base/text.h"
#include "base/work.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/image_check.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/read_source.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/restore_pages.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;  // image_stream.h says why not more

// A database without a single table still gets a page, so that restoring it gives other connections a header to read.
void write_empty(const std::string& target) {
    ImageHandle copy(target, HandleMode::kReadWrite, 0);
    copy.execute("PRAGMA journal_mode=OFF; PRAGMA user_version=0; VACUUM");
}

// The file cannot change while the read lock is held.
void write_by_reading(const LiveFile& live, PosixFile& target, WorkCount* work) {
    const std::uint64_t size = std::uint64_t{live.pages} * live.header.page_size;
    begin_work(work, "copying", size);
    const std::unique_ptr<char[]> buffer(new char[kPiece]);
    for (std::uint64_t offset = 0; offset < size; offset += kPiece) {
        check_interrupt();
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - offset));
        add_work(work, count);
        const std::string_view piece(buffer.get(), count);
        read_live(live, buffer.get(), count, offset);
        if (std::ranges::all_of(piece, [](char c) { return c == 0; })) continue;  // a hole stays one
        target.write_at(piece, offset);
    }
    target.truncate(size);
}

// Makes page 1 say rollback journal and the true number of pages.
void set_header(PosixFile& target) {
    char start[kHeaderSize];
    const auto header = parse_header({start, target.read_at(start, sizeof start, 0)});
    if (!header) throw Error(ErrorKind::kInput, "the database has no valid header");
    set_wal(start, false);
    set_change_counter(start, header->change_counter);
    set_page_count(start, static_cast<std::uint32_t>(target.size() / header->page_size));
    target.write_at({start, kHeaderSize}, 0);
}

// Of a file whose header is set.
SavedState sum_up(PosixFile& target, bool syncs, WorkCount* work) {
    SavedState image{
        .kind = StateKind::kImage, .place = target.path(), .bytes = target.size(), .checksum = {}, .mode = {}};
    const std::unique_ptr<char[]> buffer(new char[kPiece]);
    Checksum sum;
    begin_work(work, "checking", image.bytes);
    for (std::uint64_t offset = 0; offset < image.bytes; offset += kPiece) {
        check_interrupt();
        const std::size_t count = target.read_at(buffer.get(), kPiece, offset);
        sum.update({buffer.get(), count});
        add_work(work, count);
    }
    if (syncs) target.sync();
    target.close();
    image.checksum = sum.digest();
    return image;
}

// For a large file on another thread, where there can be one: it takes less time than the sync.
std::future<std::vector<StateTable>> start_check(const std::string& image, std::uint64_t size,
                                                 const std::string& database) {
    constexpr std::uint64_t kThreadFrom = std::uint64_t{4} << 20;
    try {
        if (size >= kThreadFrom) return std::async(std::launch::async, check_image_file, image, database);
    } catch (const std::system_error&) {  // no thread can be had
    }
    return std::async(std::launch::deferred, check_image_file, image, database);
}

// Into `target`, which is empty.
void copy_source(ReadSource& source, PosixFile& target, int busy_timeout_ms, WorkCount* work) {
    const std::string path = source.handle.path();
    const LiveFile live = look_at_live_file(source.handle.file(), path, source.handle.journal_path());
    const bool wal = uses_wal(source.handle);
    if (live.pages == 0 && !wal) {
        write_empty(target.path());
        source.stamp.clear();
    } else if (wal) {
        copy_by_backup(source.handle, target.path(), busy_timeout_ms, work);
    } else {
        write_by_reading(live, target, work);
    }
    require_unchanged(source, path);
    set_header(target);
}

}  // namespace

// SQLite reads through the WAL for us. Nothing of the copy needs to be safe before it is synced as a whole.
void copy_by_backup(ImageHandle& source, const std::string& target, int busy_timeout_ms, WorkCount* work) {
    ImageHandle copy(target, HandleMode::kReadWrite, 0);
    copy.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE");
    Backup backup(copy.get(), source.get());
    if (!backup) copy.fail(sqlite3_errcode(copy.get()));
    constexpr int kPages = 4096;
    const auto page_size = static_cast<std::uint64_t>(source.query_integer("PRAGMA page_size"));
    int code;
    bool first = true;
    do {
        code = backup.step(kPages);  // within the source's read transaction: always the same state
        if (std::exchange(first, false)) begin_work(work, "copying", backup.page_count() * page_size);
        add_work(work, kPages * page_size);
    } while (code == SQLITE_OK && pending_interrupt() == 0);
    code = backup.finish();
    check_interrupt();
    if ((code & 0xff) == SQLITE_BUSY) throw_busy(source.path(), busy_timeout_ms, "another connection");
    if (code != SQLITE_OK) copy.fail(code);
}

SavedState finish_image_file(const std::string& path) {
    PosixFile file(path, O_RDWR | O_NOFOLLOW);
    set_header(file);
    return sum_up(file, true, nullptr);
}

void copy_database_file(const std::string& database, const std::string& target, int busy_timeout_ms) {
    ReadSource source = open_read_source(database, busy_timeout_ms);
    PosixFile file(target, O_RDWR | O_NOFOLLOW);
    copy_source(source, file, busy_timeout_ms, nullptr);
    file.close();
}

StateSaveReport write_image_file(const std::string& database, const std::string& target, int busy_timeout_ms,
                                 bool syncs, WorkCount* work) {
    ReadSource source = open_read_source(database, busy_timeout_ms);
    PosixFile file(target, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    NewFileGuard guard(target);
    copy_source(source, file, busy_timeout_ms, work);
    StateSaveReport report;
    auto check = start_check(target, file.size(), database);
    report.state = sum_up(file, syncs, work);
    report.state.mode = source.facts.st_mode & 07777U;
    report.tables = check.get();
    report.stamp = source.stamp;
    if (source.facts.st_nlink > 1) {
        report.warnings.push_back(
            cat("database ", quote(database, 200), " has ", source.facts.st_nlink,
                " names (hard links): what is in the -wal or -journal file beside another of them "
                "is not saved"));
    }
    guard.keep();
    return report;
}

}  // namespace dbfixture::sqlite
