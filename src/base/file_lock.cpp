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

std::optional<FileLock> FileLock::try_lock(const std::string& path, int flags) {
    constexpr int kHigh = 100;
    PosixFile file(path, flags);
    file.move_above(kHigh);
    while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK) return std::nullopt;
        throw Error(ErrorKind::kFailure, cat("could not lock ", quote(path, 200), ": ", system_words(errno)));
    }
    struct stat locked = {}, named = {};
    const bool same = ::fstat(file.descriptor(), &locked) == 0 && ::lstat(path.c_str(), &named) == 0 &&
                      locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
    if (!same) return std::nullopt;
    return FileLock(std::move(file));
}

}  // namespace dbfixture
