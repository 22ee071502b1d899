// SPDX-License-Identifier: MIT
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// `how`: LOCK_EX or LOCK_SH. False if somebody holds it otherwise.
bool lock_file(const PosixFile& file, int how) {
    while (::flock(file.descriptor(), how | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK) return false;
        throw Error(ErrorKind::kFailure, cat("could not lock ", quote(file.path(), 200), ": ", system_words(errno)));
    }
    return true;
}

}  // namespace

std::optional<FileLock> FileLock::try_lock(const std::string& path, int flags) {
    constexpr int kHigh = 100;
    PosixFile file(path, flags);
    file.move_above(kHigh);
    if (!lock_file(file, LOCK_EX)) return std::nullopt;
    struct stat locked = {}, named = {};
    const bool same = ::fstat(file.descriptor(), &locked) == 0 && ::lstat(path.c_str(), &named) == 0 &&
                      locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
    if (!same) return std::nullopt;
    return FileLock(std::move(file));
}

bool FileLock::is_held(const std::string& path) {
    return !lock_file(PosixFile(path, O_RDONLY | O_NOFOLLOW), LOCK_SH);
}

}  // namespace dbfixture
