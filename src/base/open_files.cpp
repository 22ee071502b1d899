// SPDX-License-Identifier: MIT
#include "base/open_files.h"

#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace dbfixture {

std::vector<int> descriptors_of(const std::string& path) {
    namespace fs = std::filesystem;
    std::vector<int> found;
    struct stat wanted = {};
    if (::stat(path.c_str(), &wanted) != 0) return found;
    std::error_code code;
    fs::directory_iterator at("/proc/self/fd", code);
    for (; !code && at != fs::directory_iterator(); at.increment(code)) {
        const std::string name = at->path().filename().string();
        int number = -1;
        std::from_chars(name.data(), name.data() + name.size(), number);
        struct stat facts = {};
        if (number < 0 || ::fstat(number, &facts) != 0) continue;
        if (facts.st_dev == wanted.st_dev && facts.st_ino == wanted.st_ino) found.push_back(number);
    }
    if (code) throw Error(ErrorKind::kFailure, "cannot tell which files are open: /proc is not to be read");
    return found;
}

}  // namespace dbfixture
