// SPDX-License-Identifier: MIT
#include "base/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture {

std::optional<PosixFile> open_unnamed(const std::string& folder, unsigned mode) {
    try {
        return PosixFile(folder, O_TMPFILE | O_RDWR, mode);
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool give_name(const PosixFile& unnamed, const std::string& name) {
    const std::string self = cat("/proc/self/fd/", unnamed.descriptor());
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace dbfixture
