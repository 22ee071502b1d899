// SPDX-License-Identifier: MIT
// A file that has no name until it is complete.
#pragma once

#include <optional>
#include <string>

#include "base/posix_file.h"

namespace dbfixture {

// In the folder, gone when it is closed unless it was given a name. Nothing, with errno set, where it cannot be made:
// EOPNOTSUPP, EISDIR or EINVAL where the file system has no such files.
std::optional<PosixFile> open_unnamed(const std::string& folder, unsigned mode);

// False, with errno set, if there is a file of that name already, or the system cannot do it (without /proc, on some
// layered file systems).
bool give_name(const PosixFile& unnamed, const std::string& name);

}  // namespace dbfixture
