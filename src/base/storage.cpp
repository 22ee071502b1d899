// SPDX-License-Identifier: MIT
#include "base/storage.h"

#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string_view>

#include "base/cat.h"

namespace dbfixture {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// The number behind `name` in a file of lines; of the whole file where `name` is "". kUnlimited if there is none
// ("max").
std::uint64_t number_in(const std::string& path, std::string_view name) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(name)) continue;
        const std::size_t digit = line.find_first_of("0123456789", name.size());
        return digit == std::string::npos ? kUnlimited : std::stoull(line.substr(digit, 18));
    }
    return kUnlimited;
}

std::uint64_t less(std::uint64_t from, std::uint64_t by) {
    return from > by ? from - by : 0;
}

// Of the control group that this process is in and of those above it; what could be given back counts as free.
std::uint64_t free_in_groups() {
    std::uint64_t least = kUnlimited;
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        if (!line.starts_with("0::/")) continue;
        for (std::string group = line.substr(3);; group.resize(group.rfind('/'))) {
            const std::string folder = cat("/sys/fs/cgroup", group == "/" ? "" : group);
            const std::uint64_t most = number_in(folder + "/memory.max", "");
            const std::uint64_t used = number_in(folder + "/memory.current", "");
            const std::uint64_t cache = number_in(folder + "/memory.stat", "inactive_file ");
            if (most != kUnlimited && used != kUnlimited)
                least = std::min(least, less(most, less(used, cache == kUnlimited ? 0 : cache)));
            if (group.empty() || group == "/") break;
        }
    }
    return least;
}

std::uint64_t free_memory() {
    const std::uint64_t kilobytes = number_in("/proc/meminfo", "MemAvailable:");
    return std::min(kilobytes == kUnlimited ? kUnlimited : kilobytes * 1024, free_in_groups());
}

}  // namespace

bool is_in_memory(const std::string& folder) {
    constexpr std::uint32_t kTmpfs = 0x01021994, kRamfs = 0x858458F6;
    struct statfs facts = {};
    if (::statfs(folder.c_str(), &facts) != 0) return false;
    const auto type = static_cast<std::uint32_t>(facts.f_type);
    return type == kTmpfs || type == kRamfs;
}

std::uint64_t free_bytes(const std::string& folder) {
    struct statvfs facts = {};
    if (::statvfs(folder.c_str(), &facts) != 0) return 0;
    const std::uint64_t free = std::uint64_t{facts.f_bavail} * facts.f_frsize;
    return is_in_memory(folder) ? std::min(free, free_memory()) : free;
}

}  // namespace dbfixture
