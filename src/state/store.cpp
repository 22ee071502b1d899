// SPDX-License-Identifier: MIT
#include "state/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>
#include <set>
#include <system_error>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/interrupt.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::string_view kManifestEnd = ".json";
constexpr std::string_view kTemporaryEnd = ".tmp";
constexpr std::string_view kStampStart = ".stamp-";
constexpr std::uint64_t kMaxManifest = std::uint64_t{256} << 20;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

std::string read_whole(const std::string& path) {
    const PosixFile file(path, O_RDONLY | O_NOFOLLOW);
    const std::uint64_t size = file.size();
    if (size > kMaxManifest) throw Error(ErrorKind::kInput, cat("the manifest ", quote(path, 200), " is too large"));
    std::string text(static_cast<std::size_t>(size), '\0');
    text.resize(file.read_at(text.data(), text.size(), 0));
    return text;
}

// Written beside its name, synced, renamed over it.
void replace_file(const std::string& path, const std::string& temporary, std::string_view text, bool durable) {
    try {
        ::unlink(temporary.c_str());
        PosixFile file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        file.write_at(text, 0);
        if (durable) file.sync();
        file.close();
        if (::rename(temporary.c_str(), path.c_str()) != 0) {
            throw Error(ErrorKind::kFailure, cat("could not write ", quote(path, 200), ": ", system_words(errno)));
        }
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

void move_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    throw Error(ErrorKind::kFailure, cat("could not write ", quote(to, 200), ": ", system_words(errno)));
}

// "NAME-0123456789abcdef.db": what new_file() makes, and nothing else is ever removed.
bool is_data_file(const std::string& file) {
    const std::size_t dash = file.rfind('-');
    if (file.starts_with('.') || dash == std::string::npos || file.size() < dash + 17) return false;
    const std::string_view id = std::string_view(file).substr(dash + 1, 16);
    const std::string_view extension = std::string_view(file).substr(dash + 17);
    return id.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
           (extension == ".db" || extension == ".jsonl.zst");
}

}  // namespace

void check_snapshot_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= 100 && name[0] != '.' && name[0] != '-' &&
                      std::all_of(name.begin(), name.end(), is_name_character);
    if (good) return;
    throw Error(ErrorKind::kUsage, cat("a snapshot cannot be named ", quote(name)))
        .with_hint("use up to 100 letters, digits, \".\", \"_\" and \"-\", not \".\" or \"-\" first");
}

void SnapshotStore::lock(int operation, int busy_timeout_ms) {
    using Clock = std::chrono::steady_clock;
    lock_ = PosixFile(folder_, O_RDONLY | O_DIRECTORY);
    const auto end = Clock::now() + std::chrono::milliseconds(busy_timeout_ms);
    while (::flock(lock_.descriptor(), operation | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return;  // a file system without locks: rule 1 holds all the same
        check_interrupt();
        if (Clock::now() >= end) {
            throw Error(ErrorKind::kBusy, cat("the snapshot store ", quote(folder_, 200), " is busy"))
                .with_detail(cat("Waited ", busy_timeout_ms, " ms for another dbfixture to finish."));
        }
        ::usleep(5000);
    }
}

bool SnapshotStore::exists() const {
    std::error_code ignored;
    return std::filesystem::is_directory(folder_, ignored);
}

void SnapshotStore::lock_for_reading(int busy_timeout_ms) {
    if (exists()) lock(LOCK_SH, busy_timeout_ms);
}

void SnapshotStore::lock_for_writing(int busy_timeout_ms) {
    std::error_code code;
    const std::filesystem::path above = std::filesystem::path(folder_).parent_path();
    if (!above.empty()) std::filesystem::create_directories(above, code);
    if (!code && ::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
        code.assign(errno, std::generic_category());
    }
    if (!code && ::access(folder_.c_str(), W_OK) != 0) code.assign(errno, std::generic_category());
    if (code) {
        throw Error(ErrorKind::kFailure, cat("could not write to the snapshot store ", quote(folder_, 200), ": ",
                                             system_words(code.value())))
            .with_hint("name another folder with --store");
    }
    lock(LOCK_EX, busy_timeout_ms);
    if (::access(path(".gitignore").c_str(), F_OK) != 0) {
        replace_file(path(".gitignore"), path(".gitignore.tmp"), "*\n", false);
    }
    clean_up();
}

void SnapshotStore::clean_up() const {
    std::set<std::string> named;
    for (const StoredSnapshot& snapshot : list()) {
        if (!snapshot.manifest) return;  // whose data that is cannot be told
        named.insert(snapshot.manifest->file);
    }
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, code)) {
        const std::string file = entry.path().filename().string();
        const bool temporary = file.starts_with('.') && file.ends_with(kTemporaryEnd);
        const bool orphan = is_data_file(file) && named.count(file) == 0;
        const bool old_stamp = file.starts_with(kStampStart) && named.count(file.substr(kStampStart.size())) == 0;
        if (temporary || orphan || old_stamp) ::unlink(entry.path().c_str());
    }
}

std::vector<std::string> SnapshotStore::names() const {
    std::vector<std::string> names;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, code)) {
        const std::string file = entry.path().filename().string();
        if (file.starts_with('.') || !file.ends_with(kManifestEnd)) continue;
        names.push_back(file.substr(0, file.size() - kManifestEnd.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

Error SnapshotStore::no_snapshots(std::string message) const {
    return Error(ErrorKind::kNotFound, std::move(message))
        .with_detail(cat("The store ", quote(folder_, 200), exists() ? " is empty." : " does not exist."))
        .with_hint("take one with \"dbfixture snapshot\"");
}

bool SnapshotStore::has(const std::string& name) const {
    return ::access(path(name + std::string(kManifestEnd)).c_str(), F_OK) == 0;
}

Manifest SnapshotStore::read(const std::string& name) const {
    check_snapshot_name(name);
    const std::string file = path(name + std::string(kManifestEnd));
    if (!has(name)) {
        const std::vector<std::string> known = names();
        if (known.empty()) throw no_snapshots(cat("there is no snapshot ", quote(name)));
        throw Error(ErrorKind::kNotFound, cat("there is no snapshot ", quote(name)))
            .with_detail(cat("The store ", quote(folder_, 200), " has ", quote_list(known), "."))
            .with_hint(did_you_mean(name, known));
    }
    return parse_manifest(read_whole(file), file);
}

std::vector<StoredSnapshot> SnapshotStore::list() const {
    std::vector<StoredSnapshot> found;
    for (const std::string& name : names()) {
        StoredSnapshot snapshot{name, {}, {}};
        try {
            snapshot.manifest = read(name);
        } catch (const Error& error) {
            snapshot.problem = error;
        }
        found.push_back(std::move(snapshot));
    }
    const auto created = [](const StoredSnapshot& s) { return s.manifest ? s.manifest->created : std::string(); };
    std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return created(a) < created(b); });
    return found;
}

std::string SnapshotStore::latest() const {
    const std::vector<StoredSnapshot> all = list();
    if (all.empty() || !all.back().manifest) {
        if (!all.empty()) throw *all.back().problem;
        throw no_snapshots("there is no snapshot yet");
    }
    return all.back().name;
}

std::string SnapshotStore::data_path(const Manifest& manifest) const {
    return path(manifest.file);
}

std::string SnapshotStore::new_file(const std::string& name, const std::string& extension) const {
    std::random_device random;
    std::array<char, 17> id{};
    std::snprintf(id.data(), id.size(), "%08x%08x", random(), random());
    return cat(name, "-", id.data(), ".", extension);
}

std::string SnapshotStore::temporary_path(const std::string& file) const {
    return path(cat(".", file, kTemporaryEnd));
}

std::string SnapshotStore::created_now() const {
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm utc = {};
    ::gmtime_r(&now.tv_sec, &utc);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000);
    return text.data();
}

void SnapshotStore::publish(const std::string& name, const Manifest& manifest) const {
    std::string old;
    try {
        if (has(name)) old = read(name).file;
    } catch (const Error&) {  // damaged: there is no telling what its data is
    }
    const std::string data = data_path(manifest);
    const std::string target = path(name + std::string(kManifestEnd));
    move_file(temporary_path(manifest.file), data);
    try {
        sync_folder(folder_);
        replace_file(target, temporary_path(name + std::string(kManifestEnd)), write_manifest(manifest), true);
    } catch (...) {
        ::unlink(data.c_str());
        throw;
    }
    sync_folder(folder_);
    if (old.empty()) return;
    ::unlink(path(old).c_str());
    ::unlink(stamp_path(old).c_str());
}

void SnapshotStore::remove(const std::string& name) const {
    std::string data;
    try {
        data = read(name).file;
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kInput) throw;
    }
    remove_file(path(name + std::string(kManifestEnd)));
    sync_folder(folder_);
    if (data.empty()) return;
    remove_file(path(data));
    ::unlink(stamp_path(data).c_str());
}

void SnapshotStore::rename(const std::string& from, const std::string& to) const {
    const std::string end(kManifestEnd);
    std::string old;
    if (has(to)) old = read(to).file;
    move_file(path(from + end), path(to + end));
    sync_folder(folder_);
    if (!old.empty()) ::unlink(path(old).c_str());
}

std::string SnapshotStore::stamp_path(const std::string& data_file) const {
    return path(cat(kStampStart, data_file));
}

std::string SnapshotStore::read_stamp(const Manifest& manifest) const {
    try {
        const std::string text = read_whole(stamp_path(manifest.file));
        const std::size_t line = text.find('\n');
        if (line == std::string::npos) return {};
        Checksum sum;
        sum.update(std::string_view(text).substr(0, line));
        return text.substr(line + 1) == sum.digest() ? text.substr(0, line) : std::string();
    } catch (const Error&) {
        return {};
    }
}

void SnapshotStore::write_stamp(const Manifest& manifest, const std::string& stamp) const noexcept {
    try {
        Checksum sum;
        sum.update(stamp);
        replace_file(stamp_path(manifest.file), temporary_path(cat("stamp-", manifest.file, "-", ::getpid())),
                     cat(stamp, "\n", sum.digest()), false);
    } catch (...) {  // a read-only store: restores then compare
    }
}

}  // namespace dbfixture
