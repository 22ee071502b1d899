// SPDX-License-Identifier: MIT
#include "db/sqlite/image_handle.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/location.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {
namespace {

// As an SQLite URI, so that a path is never taken for one by itself.
std::string uri_of(const std::string& path, std::string_view parameters) {
    // With two slashes the first folder would be an authority.
    return cat("file:", path.starts_with("//") ? "//" : "", uri_path(path), parameters);
}

}  // namespace

void ImageHandle::Closer::operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
}

ImageHandle::ImageHandle(const std::string& path, HandleMode mode, int busy_timeout_ms)
    : name_(path), busy_(std::make_unique<BusyWait>(BusyWait{busy_timeout_ms})) {
    open(uri_of(path, mode == HandleMode::kImmutable ? "?immutable=1" : ""), mode, nullptr);
}

ImageHandle::ImageHandle(const ImageSource& image) : name_(image.path()), busy_(std::make_unique<BusyWait>()) {
    if (!image.is_one_file()) vfs_ = std::make_unique<ImageVfs>(image);
    open(uri_of(name_, "?immutable=1"), HandleMode::kImmutable, vfs_ ? vfs_->name() : nullptr);
}

void ImageHandle::open(const std::string& uri, HandleMode mode, const char* vfs) {
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    flags |= mode == HandleMode::kImmutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == HandleMode::kCreate) flags |= SQLITE_OPEN_CREATE;
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(uri.c_str(), &db, flags, vfs);
    db_.reset(db);
    if (code != SQLITE_OK) {
        if (::access(name_.c_str(), F_OK) != 0 && mode != HandleMode::kCreate) {
            throw Error(ErrorKind::kNotFound, cat("database ", quote(name_, 200), " does not exist"));
        }
        if (::access(name_.c_str(), R_OK) != 0) {
            throw Error(ErrorKind::kFailure, cat("could not open database ", quote(name_, 200), ": permission denied"));
        }
        fail(code);
    }
    // SQLite falls back to reading where it may not write.
    if ((mode == HandleMode::kReadWrite || mode == HandleMode::kCreate) && sqlite3_db_readonly(db, "main") == 1) {
        throw Error(ErrorKind::kFailure, cat("could not open database ", quote(name_, 200), " for writing"))
            .with_detail("The file or its folder is read-only.");
    }
    sqlite3_extended_result_codes(db, 1);
    busy_->attach(db);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
}

// The connection that this one had may wait for locks while it closes.
ImageHandle& ImageHandle::operator=(ImageHandle&& other) noexcept {
    db_ = std::move(other.db_);
    busy_ = std::move(other.busy_);
    name_ = std::move(other.name_);
    syncs_ = other.syncs_;
    return *this;
}

void ImageHandle::set_busy_timeout(int milliseconds) {
    busy_->timeout_ms = milliseconds;
}

int ImageHandle::try_execute(const char* sql) {
    return sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
}

void ImageHandle::execute(const char* sql) {
    const int code = try_execute(sql);
    if (code != SQLITE_OK) fail(code);
}

std::int64_t ImageHandle::query_integer(const char* sql, std::int64_t otherwise) {
    sqlite3_stmt* prepared = nullptr;
    int code = sqlite3_prepare_v2(db_.get(), sql, -1, &prepared, nullptr);
    if (code != SQLITE_OK) fail(code);
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
    code = sqlite3_step(statement.get());
    const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement.get(), 0) : otherwise;
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail(code);
    return value;
}

void ImageHandle::fail(int code) const {
    check_interrupt();
    throw make_error(db_.get(), code, cat("could not use database ", quote(name_, 200)));
}

sqlite3_file* ImageHandle::file_of(int control) const {
    sqlite3_file* file = nullptr;
    const int code = sqlite3_file_control(db_.get(), "main", control, &file);
    if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr) fail(code);
    return file;
}

sqlite3_file* ImageHandle::file() const {
    return file_of(SQLITE_FCNTL_FILE_POINTER);
}

sqlite3_file* ImageHandle::journal_file() const {
    return file_of(SQLITE_FCNTL_JOURNAL_POINTER);
}

std::string ImageHandle::path() const {
    return sqlite3_db_filename(db_.get(), "main");
}

std::string ImageHandle::journal_path() const {
    return sqlite3_filename_journal(sqlite3_db_filename(db_.get(), "main"));
}

std::string ImageHandle::wal_path() const {
    return sqlite3_filename_wal(sqlite3_db_filename(db_.get(), "main"));
}

void ImageHandle::leave_wal() {
    if (file_size_or_zero(wal_path()) > 0) sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void ImageHandle::leave_out_syncs() {
    syncs_ = false;
    try_execute("PRAGMA synchronous=OFF");
}

std::string read_uri(const std::string& path) {
    return uri_of(path, "?mode=ro");
}

std::uint64_t file_size_or_zero(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

}  // namespace dbfixture::sqlite
