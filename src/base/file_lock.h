// SPDX-License-Identifier: MIT
// A lock that a process shares with the programs it starts: flock on a description that they inherit. It is free again
// once the last of them has closed it or is gone, however it ended; so whoever finds it free knows that none of them is
// left, but those that closed what they inherited (processes.h finds these).
#pragma once

#include <optional>
#include <string>

#include "base/posix_file.h"

namespace dbfixture {

class FileLock {
  public:
    // The file is opened with `flags` as for open(2). Nothing if somebody holds the lock, or the path no longer names
    // the file that was locked. Throws kNotFound, and kFailure, also where the file system has no locks.
    static std::optional<FileLock> try_lock(const std::string& path, int flags);

    // Whether somebody holds the lock, told without standing in the way of others who only ask. Throws as try_lock().
    static bool is_held(const std::string& path);

    // Its number is so high that scripts do not use it for something else.
    int descriptor() const { return file_.descriptor(); }
    const PosixFile& file() const { return file_; }

  private:
    explicit FileLock(PosixFile file) : file_(std::move(file)) {}
    PosixFile file_;
};

}  // namespace dbfixture
