// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_image.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "base/work.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/lock_holders.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/restore_new.h"
#include "db/sqlite/restore_pages.h"
#include "db/sqlite/restore_schema.h"
#include "db/sqlite/restore_target.h"
#include "db/sqlite/restore_untouched.h"
#include "db/sqlite/stamp_file.h"
#include "db/sqlite/statement.h"
#include "db/sqlite/wal_append.h"

namespace dbfixture::sqlite {
namespace {

[[noreturn]] void throw_damaged(const SavedState& image, std::string_view detail) {
    throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(image.place, 200), " is damaged"))
        .with_detail(std::string(detail));
}

// Everything in the schema that a connection caches; "" if it cannot be read.
std::string schema_text(ImageHandle& handle) {
    Checksum sum;
    try {
        Statement rows(Handle{handle.get(), TextEncoding::kUtf8},
                       "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid");
        while (rows.step()) {
            for (int i = 0; i < 5; ++i) {
                const std::string text = rows.column_text(i);
                sum.update(cat(text.size(), rows.column_is_null(i) ? "n" : "t"));
                sum.update(text);
            }
        }
    } catch (const Error&) {
        return {};
    }
    return sum.digest();
}

std::uint32_t image_cookie(const ImageSource& source, const SavedState& image) {
    char bytes[kHeaderSize];
    const auto header = parse_header({bytes, source.read_at(bytes, sizeof bytes, 0)});
    if (!header) throw_damaged(image, "It is not an SQLite database.");
    return header->schema_cookie;
}

// Rule 5 of restore_pages.h.
std::uint32_t next_cookie(ImageHandle& live, const LiveFile& file, const ImageSource& source, const SavedState& image,
                          const PageDifference& difference) {
    const std::uint32_t live_cookie = file.header.schema_cookie;
    const std::uint32_t stored = image_cookie(source, image);
    if (stored == live_cookie) {
        if (keeps_schema_pages(file, source, difference)) return live_cookie;
        ImageHandle other(source);
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

StateRestoreReport restore_held_file(ImageHandle& handle, const SavedState& image, const ImageSource& source) {
    LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
    live.syncs = handle.syncs();
    std::optional<JournalFile> journal;
    const PageDifference difference = compare_pages(live, source, &journal);
    check_image_sum(image, difference.checksum);
    if (!difference.any()) return {RestoreWay::kUnchanged, 0, {}, {}};
    const std::uint32_t cookie = next_cookie(handle, live, source, image, difference);
    try {
        StateRestoreReport report{RestoreWay::kDifferent, 0, {}, {}};
        report.written = write_pages(live, source, difference, *journal, cookie, report.warnings);
        return report;
    } catch (...) {
        journal.reset();  // under the lock
        const std::string path = handle.path();
        handle.close();
        recover(path);
        throw;
    }
}

void check_page_size(ImageHandle& handle, const std::string& database, const ImageSource& source) {
    const LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
    char bytes[kHeaderSize];
    const auto header = parse_header({bytes, source.read_at(bytes, sizeof bytes, 0)});
    if (live.pages == 0 || !header || header->page_size == live.header.page_size) return;
    throw Error(ErrorKind::kBusy, cat("the database ", quote(database, 200), " is open in another process"))
        .with_detail(cat("The snapshot has pages of ", header->page_size, " bytes, the database of ",
                         live.header.page_size, ", and a WAL database cannot change that while others have it open."))
        .with_hint("Close the other connections and run restore again.");
}

// Open readers keep the WAL from being emptied, and that is their right: short ones are waited for. False if they do.
bool empty_wal(ImageHandle& handle, int patience_ms) {
    handle.set_busy_timeout(patience_ms);
    const int code = sqlite3_wal_checkpoint_v2(handle.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    return (code & 0xff) != SQLITE_BUSY;
}

// Once the restore is committed. Who is in a read transaction now, and a little later in the same, began it before, but
// for one that came in the moment in between.
void empty_wal_after(ImageHandle& handle, StateRestoreReport& report) {
    constexpr int kShortMs = 20;
    if (empty_wal(handle, 0)) return;
    const std::set<WalReader> at_once = find_wal_readers(handle.path());
    if (empty_wal(handle, kShortMs)) return;
    const std::string who = describe_readers(at_once, find_wal_readers(handle.path()));
    if (who.empty()) return;
    report.warnings.push_back(cat(who, " still sees the rows of before, until its transaction ends"));
}

void begin_writing(ImageHandle& handle, const std::string& database, int busy_timeout_ms) {
    const int code = handle.try_execute("BEGIN IMMEDIATE");
    if ((code & 0xff) == SQLITE_BUSY) {
        throw_busy(database, busy_timeout_ms, "another connection to release its write lock");
    }
    if (code != SQLITE_OK) handle.fail(code);
}

StateRestoreReport restore_by_backup(ImageHandle& handle, const std::string& database, const ImageSource& image,
                                     int busy_timeout_ms) {
    handle.set_busy_timeout(busy_timeout_ms);
    ImageHandle source(image);
    Backup backup(handle.get(), source.get());
    if (!backup) handle.fail(sqlite3_errcode(handle.get()));
    backup.step(-1);
    const std::uint64_t pages = backup.page_count();
    const int code = backup.finish();
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        throw_busy(database, busy_timeout_ms, "another connection to release its write lock");
    }
    if (code != SQLITE_OK) handle.fail(code);
    return {RestoreWay::kWhole, pages, {}, {}};
}

// Whether no other connection has committed since some moment; asked under the write lock.
using IsLast = std::function<bool()>;

// Where the WAL is empty and stays so (its write lock is held), the file alone is the state: it is compared, and what
// differs becomes one transaction in the WAL. Elsewhere nothing is returned and nothing done.
std::optional<StateRestoreReport> restore_by_wal(ImageHandle& handle, const std::string& database,
                                                 const SavedState& image, const ImageSource& source,
                                                 int busy_timeout_ms, IsLast& is_last) {
    handle.set_busy_timeout(busy_timeout_ms);
    begin_writing(handle, database, busy_timeout_ms);
    std::optional<StateRestoreReport> report;
    LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
    live.syncs = handle.syncs();
    live.work = source.work();
    // Where the header's page count is not to be trusted, SQLite has already changed it in a page of its own, which it
    // would try for ten seconds to commit after ours.
    const bool counted = live.pages > 0 && live.header.pages == live.pages;
    if (file_size_or_zero(handle.wal_path()) == 0 && counted) {
        const PageDifference difference = compare_pages(live, source, nullptr);
        check_image_sum(image, difference.checksum);
        if (!difference.any()) report = StateRestoreReport{RestoreWay::kUnchanged, 0, {}, {}};
        if (difference.any()) {
            RestoreTarget target(live.header, source, next_cookie(handle, live, source, image, difference));
            if (const auto pages = append_to_wal(live, handle.journal_file(), target, difference)) {
                report = StateRestoreReport{RestoreWay::kDifferent, *pages, {}, {}};
            }
        }
    }
    if (const auto number = wal_change_number(handle.file())) {
        is_last = [&handle, number] { return wal_change_number(handle.file()) == number; };
    }
    // Of nothing: lets go of the write lock.
    const int code = handle.try_execute(counted ? "COMMIT" : "ROLLBACK");
    if (code != SQLITE_OK && !report) handle.fail(code);
    return report;
}

StateRestoreReport restore_shared(ImageHandle& handle, const std::string& database, const SavedState& image,
                                  const ImageSource& source, int busy_timeout_ms, IsLast& is_last) {
    handle.execute("PRAGMA wal_autocheckpoint=0");
    check_page_size(handle, database, source);
    const IsLast since_now = is_last;
    for (const int patience_ms : {0, 10, 40}) {  // a busy application may write to the log in between
        empty_wal(handle, std::min(patience_ms, busy_timeout_ms));
        if (auto report = restore_by_wal(handle, database, image, source, busy_timeout_ms, is_last)) {
            if (report->way == RestoreWay::kDifferent) empty_wal_after(handle, *report);
            return *report;
        }
    }
    is_last = since_now;
    verify_image_file(image);
    // The backup makes the cookie one larger than the live one; let that be larger than the image's too.
    handle.set_busy_timeout(busy_timeout_ms);
    const auto cookie = static_cast<std::uint32_t>(handle.query_integer("PRAGMA schema_version"));
    const std::uint32_t stored = image_cookie(source, image);
    if (stored > cookie) handle.execute(cat("PRAGMA schema_version=", stored).c_str());
    StateRestoreReport report = restore_by_backup(handle, database, source, busy_timeout_ms);
    empty_wal_after(handle, report);
    return report;
}

// The write lock was let go after the restore.
std::string stamp_if(const IsLast& is_last, ImageHandle& handle) noexcept {
    try {
        handle.set_busy_timeout(0);
        if (handle.try_execute("BEGIN IMMEDIATE") != SQLITE_OK) return {};
        std::string stamp;
        if (is_last()) stamp = stamp_of_written(handle.path(), handle.wal_path());
        handle.try_execute("ROLLBACK");
        return stamp;
    } catch (...) {  // the restore is done all the same
        return {};
    }
}

// A journal belongs to a name: who opens the file by another one would neither see it nor play it back.
void refuse_hard_links(const std::string& database) {
    struct stat facts = {};
    if (::stat(database.c_str(), &facts) != 0 || facts.st_nlink < 2) return;
    throw Error(ErrorKind::kRefused,
                cat("database ", quote(database, 200), " has ", facts.st_nlink, " names (hard links)"))
        .with_detail("SQLite keeps its journal beside one of them, where who opens another would not find it.")
        .with_hint(cat("find them with \"find DIR -samefile ", database,
                       "\" and leave one, or give it a file of its own: "
                       "cp it, then mv the copy over it"));
}

// The error says what can be done about a file that SQLite does not take for a database.
HeldDatabase hold(const std::string& database, const SavedState& image, const ImageSource& source,
                  const std::string& stamp, int busy_timeout_ms) {
    const auto is_equal = [&](ImageHandle& handle) {
        const LiveFile live = look_at_live_file(handle.file(), handle.path(), handle.journal_path());
        const PageDifference difference = compare_pages(live, source, nullptr);
        check_image_sum(image, difference.checksum);
        return !difference.any();
    };
    try {
        return hold_database(database, HandleMode::kReadWrite, stamp, is_equal, busy_timeout_ms);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kInput) {
            error.hint = cat("if it is not needed, move it away (mv ", database, " ", database,
                             ".old), and restore makes the database anew");
        }
        throw;
    }
}

// In transactions of SQLite's own, or as one of them.
StateRestoreReport restore_by_sqlite(HeldDatabase& held, const std::string& database, const SavedState& image,
                                     const ImageSource& source, int busy_timeout_ms) {
    ImageHandle& handle = held.handle;
    const std::int64_t version = handle.query_integer("PRAGMA data_version");
    IsLast is_last = [&] { return handle.query_integer("PRAGMA data_version") == version; };
    StateRestoreReport report = held.hold == Hold::kShared
                                    ? restore_shared(handle, database, image, source, busy_timeout_ms, is_last)
                                    : restore_by_backup(handle, database, source, busy_timeout_ms);
    report.stamp = stamp_if(is_last, handle);
    handle.leave_wal();
    return report;
}

}  // namespace

void check_image_sum(const SavedState& image, const std::string& found) {
    if (found != image.checksum) {
        throw_damaged(image, cat("Its checksum is ", found, ", the manifest says ", image.checksum, "."));
    }
}

void verify_image_file(const SavedState& image, WorkCount* work) {
    ImageSource source(image);
    source.watch(work);
    begin_work(work, "reading", source.size());
    ImageStream stream(source);
    while (!stream.next().empty()) {
    }
    check_image_sum(image, stream.checksum());
}

StateRestoreReport restore_image_file(const std::string& database, const SavedState& image, const std::string& stamp,
                                      int busy_timeout_ms, bool syncs, WorkCount* work) {
    ImageSource source(image);
    source.watch(work);
    if (auto created = create_database(database, image, source)) return *created;
    refuse_hard_links(database);
    const Stamped stamped = compare_stamp(database, stamp);
    if (stamped == Stamped::kUntouched) return {RestoreWay::kUntouched, 0, stamp, {}};
    const bool missing = ::access(database.c_str(), F_OK) != 0;
    if (missing) verify_image_file(image, work);  // before the file comes into being
    EmptyDatabase made = missing ? EmptyDatabase(database, image) : EmptyDatabase();
    HeldDatabase held =
        hold(database, image, source, stamped == Stamped::kChanged ? std::string() : stamp, busy_timeout_ms);
    if (held.hold == Hold::kUntouched) return {RestoreWay::kUntouched, 0, stamp, {}};
    if (held.hold == Hold::kUnchanged) {
        return {RestoreWay::kUnchanged, 0, settled_stamp(held.handle.path(), held.handle.wal_path()), {}};
    }
    if (!syncs) held.handle.leave_out_syncs();
    if (held.hold == Hold::kFile) {
        StateRestoreReport report = restore_held_file(held.handle, image, source);
        report.stamp = stamp_of_written(held.handle.path(), held.handle.wal_path());
        return report;
    }
    if (held.hold == Hold::kEmpty && !missing) verify_image_file(image, work);
    try {
        StateRestoreReport report = restore_by_sqlite(held, database, image, source, busy_timeout_ms);
        made.keep();
        return report;
    } catch (...) {
        held.handle.close();
        if (missing) recover(database);
        throw;
    }
}

}  // namespace dbfixture::sqlite
