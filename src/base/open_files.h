// SPDX-License-Identifier: MIT
// Which files this process has open, from /proc. Nothing is opened to find that out: the locks that POSIX gives belong
// to the process, and closing a second descriptor of a file drops those that were taken by the first.
#pragma once

#include <string>
#include <vector>

namespace dbfixture {

// The descriptors of this process that lead to the file at `path`; none where there is no such file. Throws Error
// (kFailure) where the system does not list them.
std::vector<int> descriptors_of(const std::string& path);

}  // namespace dbfixture
