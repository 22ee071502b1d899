// SPDX-License-Identifier: MIT
#include "db/sqlite/stamp_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/cat.h"
#include "base/processes.h"

namespace dbfixture::sqlite {
namespace {

bool keeps_fine_time(const std::string& path) {
    constexpr std::array<std::uint32_t, 8> kKnown = {0xEF53,       // ext4
                                                     0x58465342,   // xfs
                                                     0x9123683E,   // btrfs
                                                     0x01021994,   // tmpfs
                                                     0xF2F52010,   // f2fs
                                                     0x2FC12FC1,   // zfs
                                                     0x794C7630,   // overlayfs
                                                     0xCA451A4E};  // bcachefs
    struct statfs facts = {};
    if (::statfs(path.c_str(), &facts) != 0) return false;
    return std::count(kKnown.begin(), kKnown.end(), static_cast<std::uint32_t>(facts.f_type)) > 0;
}

bool later(const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

struct Look {
    std::string text;
    timespec newest = {};
    struct stat database = {};
    bool one_device = true;
};

// False if the file cannot be looked at, or its time is suspiciously round. Adds to `look`.
bool add_facts(const std::string& path, bool may_be_absent, Look& look, struct stat& facts) {
    if (::stat(path.c_str(), &facts) != 0) {
        if (errno != ENOENT || !may_be_absent) return false;
        look.text += " -";
        return true;
    }
    if (may_be_absent && facts.st_size == 0) {
        look.text += " -";
        return true;
    }
    if (facts.st_ctim.tv_nsec == 0) return false;
    look.text += cat(" ", facts.st_dev, ":", facts.st_ino, ":", facts.st_size, ":", facts.st_mtim.tv_sec, ".",
                     facts.st_mtim.tv_nsec, ":", facts.st_ctim.tv_sec, ".", facts.st_ctim.tv_nsec);
    if (later(facts.st_ctim, look.newest)) look.newest = facts.st_ctim;
    return true;
}

std::optional<Look> look_at(const std::string& database, const std::string& wal) {
    Look look{.text = boot_identity()};
    struct stat log = {};
    if (look.text.empty() || !keeps_fine_time(database) || !add_facts(database, false, look, look.database) ||
        !add_facts(wal, true, look, log)) {
        return std::nullopt;
    }
    look.one_device = log.st_ino == 0 || log.st_dev == look.database.st_dev;
    return look;
}

// The clock that file times are taken from.
timespec file_clock() {
    timespec now = {};
    return ::clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0 ? now : timespec{};
}

bool clock_has_passed(const timespec& moment) {
    return later(file_clock(), moment);
}

// Rule 6; "" where it does not hold, or is not seen to. A clock that has not passed the first time would give the same
// one, or an earlier one, once more.
std::string stamp_by_touch(const std::string& database, const std::string& wal) {
    const auto first = look_at(database, wal);
    if (!first) return {};
    const timespec before = file_clock();
    if (later(before, first->newest)) return first->text;
    const timespec times[2] = {first->database.st_atim, {0, UTIME_OMIT}};
    if (!first->one_device || ::utimensat(AT_FDCWD, database.c_str(), times, 0) != 0) return {};
    const auto second = look_at(database, wal);
    if (!second || later(file_clock(), before)) return {};
    return later(second->database.st_ctim, first->database.st_ctim) ? second->text : std::string();
}

}  // namespace

std::string stamp_now(const std::string& database, const std::string& wal) {
    const auto look = look_at(database, wal);
    return look ? look->text : std::string();
}

std::string settled_stamp(const std::string& database, const std::string& wal) {
    const auto look = look_at(database, wal);
    if (!look) return {};
    for (int wait = 0; !clock_has_passed(look->newest); ++wait) {
        if (wait == 100) return {};  // a file from the future
        ::usleep(500);
    }
    return stamp_now(database, wal) == look->text ? look->text : std::string();
}

std::string stamp_of_written(const std::string& database, const std::string& wal) {
    const std::string stamp = stamp_by_touch(database, wal);
    return stamp.empty() ? settled_stamp(database, wal) : stamp;
}

}  // namespace dbfixture::sqlite
