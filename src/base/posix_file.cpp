// SPDX-License-Identifier: MIT
#include "base/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {

std::string system_words(int code) {
    std::string words = std::generic_category().message(code);
    if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') words[0] = static_cast<char>(words[0] + 32);
    return words;
}

PosixFile::PosixFile(std::string path, int flags, unsigned mode) : path_(std::move(path)) {
    do {
        fd_ = ::open(path_.c_str(), flags | O_CLOEXEC, mode);
    } while (fd_ < 0 && errno == EINTR);
    if (fd_ < 0) {
        const ErrorKind kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::kNotFound : ErrorKind::kFailure;
        throw Error(kind, cat("could not open ", quote(path_, 200), ": ", system_words(errno)));
    }
}

PosixFile::PosixFile(PosixFile&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
}

PosixFile::~PosixFile() {
    if (fd_ >= 0) ::close(fd_);
}

void PosixFile::move_above(int least) {
    const int moved = ::fcntl(fd_, F_DUPFD_CLOEXEC, least);
    if (moved < 0) return;
    ::close(fd_);
    fd_ = moved;
}

void PosixFile::fail(std::string_view what) const {
    throw Error(ErrorKind::kFailure, cat("could not ", what, " ", quote(path_, 200), ": ", system_words(errno)));
}

std::uint64_t PosixFile::size() const {
    struct stat facts = {};
    if (::fstat(fd_, &facts) != 0) fail("read");
    return static_cast<std::uint64_t>(facts.st_size);
}

std::size_t PosixFile::read_at(char* to, std::size_t size, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void PosixFile::write_at(std::string_view bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

void PosixFile::truncate(std::uint64_t size) const {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail("truncate");
}

void PosixFile::sync() const {
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != EROFS) fail("sync");
}

void PosixFile::close() {
    if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0 && errno != EINTR) fail("write");
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

void sync_folder(const std::string& folder) {
    const PosixFile directory(folder, O_RDONLY | O_DIRECTORY);
    directory.sync();
}

bool remove_file(const std::string& path) {
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    throw Error(ErrorKind::kFailure, cat("could not remove ", quote(path, 200), ": ", system_words(errno)));
}

}  // namespace dbfixture
