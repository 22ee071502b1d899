// SPDX-License-Identifier: MIT
// A connection of its own for snapshot and restore, closed when it goes out of scope. It never loads extensions, runs
// no application SQL, and waits for locks up to a timeout, watching for SIGINT.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "db/sqlite/busy_wait.h"
#include "db/sqlite/image_vfs.h"

struct sqlite3;
struct sqlite3_file;

namespace dbfixture::sqlite {

enum class HandleMode {
    kRead,       // only reads, but lets SQLite recover from a crash of others where the file can be written
    kImmutable,  // a file that nobody writes: no locks, no side files
    kReadWrite,
    kCreate
};

class ImageHandle {
  public:
    // Throws Error; nothing is read or locked yet.
    ImageHandle(const std::string& path, HandleMode mode, int busy_timeout_ms);
    // Of an image, which must outlive it, to read it only.
    explicit ImageHandle(const ImageSource& image);
    ImageHandle(ImageHandle&&) = default;
    ImageHandle& operator=(ImageHandle&& other) noexcept;
    ImageHandle(const ImageHandle&) = delete;
    ImageHandle& operator=(const ImageHandle&) = delete;
    ~ImageHandle() = default;

    sqlite3* get() const { return db_.get(); }
    // How long statements wait for locks from now on.
    void set_busy_timeout(int milliseconds);

    // The result code; 0 is success, rows are ignored.
    int try_execute(const char* sql);
    // Throws what fail() throws.
    void execute(const char* sql);
    // The first column of the first row as an integer; `otherwise` if there is no row.
    std::int64_t query_integer(const char* sql, std::int64_t otherwise = 0);
    // Throws Error for the connection's last result `code`: kBusy, kInput (not a database), kFailure.
    [[noreturn]] void fail(int code) const;

    // The open database file itself; owned by the connection.
    sqlite3_file* file() const;
    // Its journal, in WAL mode its write-ahead log.
    sqlite3_file* journal_file() const;
    std::string path() const;  // absolute, links resolved
    std::string journal_path() const;
    std::string wal_path() const;

    // If the WAL has content now, the close will not move it into the database: that would make a difference to a stamp
    // (stamp_file.h), and is the application's to do.
    void leave_wal();

    // Nothing that is written through it needs to outlive a power cut.
    void leave_out_syncs();
    bool syncs() const { return syncs_; }

    // Lets go of the connection and all its locks.
    void close() { db_.reset(); }

  private:
    void open(const std::string& uri, HandleMode mode, const char* vfs);
    sqlite3_file* file_of(int control) const;
    struct Closer {
        void operator()(sqlite3* db) const;
    };

    std::string name_;
    std::unique_ptr<BusyWait> busy_;  // outlives db_, which points to it
    std::unique_ptr<ImageVfs> vfs_;
    std::unique_ptr<sqlite3, Closer> db_;
    bool syncs_ = true;
};

// An SQLite URI that only reads `path`.
std::string read_uri(const std::string& path);

// Size of a file; 0 if there is none.
std::uint64_t file_size_or_zero(const std::string& path);

}  // namespace dbfixture::sqlite
