// SPDX-License-Identifier: MIT
#include "db/sqlite/lock_holders.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "base/cat.h"

namespace dbfixture::sqlite {
namespace {

// As /proc/locks writes it: "fd:00:1234".
std::string lock_id(const std::string& path) {
    struct stat facts = {};
    if (::stat(path.c_str(), &facts) != 0) return {};
    char device[32];
    std::snprintf(device, sizeof device, "%02x:%02x:", major(facts.st_dev), minor(facts.st_dev));
    return cat(device, facts.st_ino);
}

}  // namespace

std::string lock_holders(const std::string& path) {
    const std::set<std::string> wanted = {lock_id(path), lock_id(path + "-shm")};
    std::set<long> found;
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        // 1: POSIX  ADVISORY  READ 123 fd:00:1234 1073741826 1073742335; a waiter has "->" after the number
        std::istringstream words(line);
        std::string number, type, advisory, access, id;
        long process = 0;
        if (words >> number >> type >> advisory >> access >> process >> id && wanted.count(id) != 0 && process > 0 &&
            process != ::getpid()) {
            found.insert(process);
        }
    }
    std::string out;
    for (const long process : found) {
        std::ifstream comm(cat("/proc/", process, "/comm"));
        std::string name;
        std::getline(comm, name);
        out +=
            cat(out.empty() ? "" : ", ", "process ", process, name.empty() ? "" : " (", name, name.empty() ? "" : ")");
    }
    return out;
}

}  // namespace dbfixture::sqlite
