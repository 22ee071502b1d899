// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_image.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/restore_pages.h"
#include "db/sqlite/stamp_file.h"

namespace dbfixture::sqlite {
namespace {

[[noreturn]] void throw_damaged(const ImageFile& image, std::string_view detail) {
    throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(image.path, 200), " is damaged"))
        .with_detail(std::string(detail));
}

void check_sum(const ImageFile& image, const std::string& found) {
    if (found != image.checksum) {
        throw_damaged(image, cat("Its checksum is ", found, ", the manifest says ", image.checksum, "."));
    }
}

PosixFile open_image(const ImageFile& image) {
    PosixFile file(image.path, O_RDONLY);
    const std::uint64_t size = file.size();
    if (size != image.bytes) {
        throw_damaged(image, cat("It has ", size, " bytes, the manifest says ", image.bytes, "."));
    }
    return file;
}

// Everything in the schema that a connection caches; "" if it cannot be read.
std::string schema_text(ImageHandle& handle) {
    Checksum sum;
    sqlite3_stmt* statement = nullptr;
    const char* sql = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid";
    if (sqlite3_prepare_v2(handle.get(), sql, -1, &statement, nullptr) != SQLITE_OK) return {};
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < 5; ++i) {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, i));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
            sum.update(cat(size, text == nullptr ? "n" : "t"));
            if (size > 0) sum.update({text, size});
        }
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? sum.digest() : std::string();
}

std::uint32_t image_cookie(const PosixFile& file, const ImageFile& image) {
    char bytes[kHeaderSize];
    const auto header = parse_header({bytes, file.read_at(bytes, sizeof bytes, 0)});
    if (!header) throw_damaged(image, "It is not an SQLite database.");
    return header->schema_cookie;
}

// Rule 5 of restore_pages.h.
std::uint32_t next_cookie(ImageHandle& live, std::uint32_t live_cookie, const PosixFile& file, const ImageFile& image) {
    const std::uint32_t stored = image_cookie(file, image);
    if (stored == live_cookie) {
        ImageHandle other(image.path, HandleMode::kImmutable, 0);
        const std::string before = schema_text(live);
        if (!before.empty() && before == schema_text(other)) return live_cookie;
    }
    return std::max(stored, live_cookie) + 1;
}

// SQLite itself rolls a sealed journal back when it next reads the file; do that now rather than leave it to others. In
// exclusive locking mode it needs no shared memory file, which may not fit any more, but it keeps the played-back
// journal with a header of zeros, which is ours to remove while the lock lasts.
void recover(const std::string& database) noexcept {
    try {
        ImageHandle handle(database, HandleMode::kReadWrite, 1000);
        handle.try_execute("PRAGMA locking_mode=EXCLUSIVE");
        if (handle.try_execute("BEGIN EXCLUSIVE") != SQLITE_OK) return;
        const std::string journal = handle.journal_path();
        char first = 1;
        if (PosixFile(journal, O_RDONLY).read_at(&first, 1, 0) == 0 || first == 0) ::unlink(journal.c_str());
    } catch (...) {  // no journal, or whoever opens the database next will do it
    }
}

ImageRestoreReport restore_held_file(ImageHandle& handle, const ImageFile& image, const PosixFile& file) {
    const LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
    const PageDifference difference = compare_pages(live, file, image.bytes);
    check_sum(image, difference.checksum);
    if (!difference.any()) return {RestoreWay::kUnchanged, 0, {}};
    const std::uint32_t cookie = next_cookie(handle, live.header.schema_cookie, file, image);
    try {
        return {RestoreWay::kPages, write_pages(live, file, image.bytes, difference, cookie), {}};
    } catch (...) {
        const std::string path = handle.path();
        handle.close();
        recover(path);
        throw;
    }
}

// Where the WAL is empty and stays so (its write lock is held), the file alone can be compared, and the image is
// verified on the way. Elsewhere nothing is returned.
std::optional<bool> is_equal_without_wal(ImageHandle& handle, const ImageFile& image, const PosixFile& file) {
    sqlite3_wal_checkpoint_v2(handle.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (handle.try_execute("BEGIN IMMEDIATE") != SQLITE_OK) return std::nullopt;
    std::optional<bool> equal;
    if (file_size_or_zero(handle.wal_path()) == 0) {
        const LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
        if (live.pages > 0) {
            const PageDifference difference = compare_pages(live, file, image.bytes);
            check_sum(image, difference.checksum);
            equal = !difference.any();
        }
    }
    handle.execute("ROLLBACK");
    return equal;
}

void check_page_size(ImageHandle& handle, const std::string& database, const PosixFile& file) {
    const LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
    char bytes[kHeaderSize];
    const auto header = parse_header({bytes, file.read_at(bytes, sizeof bytes, 0)});
    if (live.pages == 0 || !header || header->page_size == live.header.page_size) return;
    throw Error(ErrorKind::kBusy, cat("the database ", quote(database, 200), " is open in another process"))
        .with_detail(cat("The snapshot has pages of ", header->page_size, " bytes, the database of ",
                         live.header.page_size, ", and a WAL database cannot change that while others have it open."))
        .with_hint("Close the other connections and run restore again.");
}

ImageRestoreReport restore_by_backup(ImageHandle& handle, const std::string& database, const ImageFile& image,
                                     const PosixFile& file, bool shared, int busy_timeout_ms) {
    handle.execute("PRAGMA wal_autocheckpoint=0");
    if (shared) {
        check_page_size(handle, database, file);
        handle.set_busy_timeout(0);  // open readers keep the WAL from being emptied, and that is their right
        const std::optional<bool> equal = is_equal_without_wal(handle, image, file);
        handle.set_busy_timeout(busy_timeout_ms);
        if (equal && *equal) return {RestoreWay::kUnchanged, 0, {}};
        if (!equal) verify_image_file(image);
        // The backup makes the cookie one larger than the live one; let that be larger than the image's too.
        const auto cookie = static_cast<std::uint32_t>(handle.query_integer("PRAGMA schema_version"));
        const std::uint32_t stored = image_cookie(file, image);
        if (stored > cookie) handle.execute(cat("PRAGMA schema_version=", stored).c_str());
    }
    ImageHandle source(image.path, HandleMode::kImmutable, 0);
    sqlite3_backup* backup = sqlite3_backup_init(handle.get(), "main", source.get(), "main");
    if (backup == nullptr) handle.fail(sqlite3_errcode(handle.get()));
    sqlite3_backup_step(backup, -1);
    const auto pages = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup));
    const int code = sqlite3_backup_finish(backup);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        throw_busy(database, busy_timeout_ms, "another connection to release its write lock");
    }
    if (code != SQLITE_OK) handle.fail(code);
    if (shared) {
        handle.set_busy_timeout(0);
        sqlite3_wal_checkpoint_v2(handle.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    }
    return {RestoreWay::kWhole, pages, {}};
}

// The backup has let go of its lock. SQLite tells whether another connection has committed since `version` was read,
// which was before the restore.
std::string stamp_if_still_equal(ImageHandle& handle, std::int64_t version) {
    handle.set_busy_timeout(0);
    if (handle.try_execute("BEGIN IMMEDIATE") != SQLITE_OK) return {};
    std::string stamp;
    if (handle.query_integer("PRAGMA data_version") == version) {
        stamp = settled_stamp(handle.path(), handle.wal_path());
    }
    handle.execute("ROLLBACK");
    return stamp;
}

}  // namespace

void verify_image_file(const ImageFile& image) {
    const PosixFile file = open_image(image);
    ImageStream stream(file, image.bytes);
    while (!stream.next().empty()) {
    }
    check_sum(image, stream.checksum());
}

ImageRestoreReport restore_image_file(const std::string& database, const ImageFile& image, const std::string& stamp,
                                      int busy_timeout_ms) {
    const bool missing = ::access(database.c_str(), F_OK) != 0;
    const PosixFile file = open_image(image);
    if (missing) verify_image_file(image);  // before the file comes into being
    HeldDatabase held =
        hold_database(database, missing ? HandleMode::kCreate : HandleMode::kReadWrite, stamp, busy_timeout_ms);
    if (held.hold == Hold::kUntouched) return {RestoreWay::kUntouched, 0, stamp};
    if (held.hold == Hold::kFile) {
        ImageRestoreReport report = restore_held_file(held.handle, image, file);
        report.stamp = settled_stamp(held.handle.path(), held.handle.wal_path());
        return report;
    }
    if (held.hold == Hold::kEmpty && !missing) verify_image_file(image);
    try {
        const bool shared = held.hold == Hold::kShared;
        const std::int64_t version = held.handle.query_integer("PRAGMA data_version");
        ImageRestoreReport report = restore_by_backup(held.handle, database, image, file, shared, busy_timeout_ms);
        report.stamp = stamp_if_still_equal(held.handle, version);
        held.handle.leave_wal();
        return report;
    } catch (...) {
        if (missing && held.hold == Hold::kEmpty && file_size_or_zero(database) == 0) ::unlink(database.c_str());
        throw;
    }
}

}  // namespace dbfixture::sqlite
