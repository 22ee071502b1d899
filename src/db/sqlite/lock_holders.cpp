// SPDX-License-Identifier: MIT
#include "db/sqlite/lock_holders.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <vector>

#include "base/cat.h"
#include "base/processes.h"

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

struct HeldLock {
    std::string type, id;
    long process = 0, first = 0, last = 0;
};

// Of other processes. The lines: "1: POSIX  ADVISORY  READ 123 fd:00:1234 1073741826 1073742335"; a waiter has "->"
// after the number, an open end says "EOF".
std::vector<HeldLock> find_locks() {
    std::vector<HeldLock> found;
    std::ifstream lines("/proc/locks");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string number, type, advisory, end;
        HeldLock lock;
        if (!(words >> number >> type >> advisory >> lock.type >> lock.process >> lock.id >> lock.first >> end))
            continue;
        if (lock.process <= 0 || lock.process == ::getpid()) continue;
        std::istringstream last(end);
        if (!(last >> lock.last)) lock.last = std::numeric_limits<long>::max();
        found.push_back(lock);
    }
    return found;
}

std::string describe(const std::set<long>& processes) {
    std::string out;
    for (const long process : processes)
        append(out, cat(out.empty() ? "" : ", ", describe_process(static_cast<int>(process))));
    return out;
}

}  // namespace

std::string lock_holders(const std::string& path) {
    const std::set<std::string> wanted = {lock_id(path), lock_id(path + "-shm")};
    std::set<long> processes;
    for (const HeldLock& lock : find_locks()) {
        if (wanted.contains(lock.id)) processes.insert(lock.process);
    }
    return describe(processes);
}

std::set<WalReader> find_wal_readers(const std::string& path) {
    constexpr long kFirstReadLock = 123, kLastReadLock = 127;  // sqlite.org/walformat.html
    const std::string id = lock_id(path + "-shm");
    std::set<WalReader> readers;
    for (const HeldLock& lock : find_locks()) {
        if (lock.id == id && lock.first <= kLastReadLock && lock.last >= kFirstReadLock)
            readers.insert({lock.process, lock.first});
    }
    return readers;
}

std::string describe_readers(const std::set<WalReader>& some, const std::set<WalReader>& others) {
    std::set<long> processes;
    for (const WalReader& reader : some) {
        if (others.contains(reader)) processes.insert(reader.first);
    }
    return describe(processes);
}

}  // namespace dbfixture::sqlite
