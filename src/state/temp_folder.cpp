// SPDX-License-Identifier: MIT
#include "state/temp_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/percent.h"
#include "base/storage.h"
#include "base/text.h"
#include "db/server_copy.h"
#include "state/run_id.h"

namespace dbfixture {
namespace {

constexpr auto kMemory = "/dev/shm";

namespace fs = std::filesystem;

constexpr std::string_view kMarkName = ".dbfixture-temp";
constexpr std::string_view kMarkStart = "A throwaway copy of dbfixture, removed by it.\n";
constexpr std::string_view kKeptStart = "A throwaway copy of dbfixture, kept: remove its folder when you are done.\n";
constexpr std::size_t kMostMark = 64 * 1024;
// As long as each other: one is written over the other.
constexpr std::string_view kYes = "yes", kNo = "no ";

std::string mark_path(const std::string& folder) {
    return cat(folder, "/", kMarkName);
}

std::string name_start() {
    return cat("dbfixture-", ::geteuid(), "-");
}

std::string write_mark(const TempMark& mark) {
    return cat(mark.kept ? kKeptStart : kMarkStart, "run ", mark.run, "\ndatabase ", percent_encode(mark.database),
               "\nstore ", percent_encode(mark.store), "\nclone ", percent_encode(mark.clone), "\nserver ",
               percent_encode(mark.server), "\nmaking ", mark.making ? kYes : kNo, "\n");
}

// Nothing if it is none of ours. An empty one is.
std::optional<TempMark> parse_mark(std::string_view text) {
    TempMark mark;
    if (text.empty()) return mark;
    mark.kept = text.starts_with(kKeptStart);
    if (!mark.kept && !text.starts_with(kMarkStart)) return std::nullopt;
    const auto value = [&](std::string_view name) -> std::string {
        const std::size_t begin = text.find(cat("\n", name, " "));
        if (begin == std::string_view::npos) return {};
        const std::string_view rest = text.substr(begin + name.size() + 2);
        return percent_decode(rest.substr(0, rest.find('\n')));
    };
    mark.run = value("run");
    mark.database = value("database");
    mark.store = value("store");
    mark.clone = value("clone");
    mark.server = value("server");
    mark.making = value("making") == kYes;
    return mark;
}

bool is_own(const struct stat& facts) {
    return facts.st_uid == ::geteuid();
}

// Of a folder of this user's.
std::optional<TempMark> mark_of_folder(const std::string& folder) {
    struct stat facts = {};
    if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || !is_own(facts)) return std::nullopt;
    try {
        const PosixFile file(mark_path(folder), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        if (::fstat(file.descriptor(), &facts) != 0 || !S_ISREG(facts.st_mode) || !is_own(facts)) return std::nullopt;
        std::string text(kMostMark, '\0');
        text.resize(file.read_at(text.data(), text.size(), 0));
        return parse_mark(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

// Rule 3. "" or why it could not be removed.
std::string remove_folder(const std::string& folder, const std::string& mark_text) {
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        if (entry->path().filename() != kMarkName) fs::remove_all(entry->path(), code);
    }
    if (code) return code == std::errc::no_such_file_or_directory ? "" : code.message();
    ::unlink(mark_path(folder).c_str());
    if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return {};
    const int problem = errno;  // somebody put a file there meanwhile
    try {
        const PosixFile mark(mark_path(folder), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
        mark.write_at(mark_text, 0);
    } catch (const Error&) {
        return cat(system_words(problem), "; it has lost its mark");
    }
    return system_words(problem);
}

bool is_younger(const std::string& path, time_t seconds) {
    struct stat facts = {};
    return ::lstat(path.c_str(), &facts) == 0 && ::time(nullptr) - facts.st_mtime < seconds;
}

bool is_being_made(const std::string& path) {
    constexpr time_t kLongest = 60;
    return is_younger(path, kLongest);
}

// Nothing if somebody holds it, or the folder has become another one.
std::optional<FileLock> lock_abandoned(const std::string& folder, const TempMark& before) {
    std::optional<FileLock> lock = FileLock::try_lock(mark_path(folder), O_RDWR | O_NOFOLLOW);
    if (!lock) return std::nullopt;
    const std::optional<TempMark> mark = mark_of_folder(folder);  // now nobody changes it
    if (!mark || mark->kept || mark->run != before.run) return std::nullopt;
    return lock;
}

void sweep_folder(const std::string& folder) {
    const std::optional<TempMark> before = mark_of_folder(folder);
    if (before && before->kept) return;
    if ((!before || before->run.empty()) && is_being_made(folder)) return;
    constexpr time_t kDay = 24 * 60 * 60;
    if (before && before->making && is_younger(folder, kDay)) return;  // rule 4
    if (!before) {
        ::rmdir(folder.c_str());  // does nothing unless it is empty
        return;
    }
    // The lock is not taken while processes are looked for, which takes long on a busy machine: others who sweep would
    // take it for the run's.
    if (FileLock::is_held(mark_path(folder))) return;
    if (!before->run.empty() && !processes_of_run(before->run).empty()) return;
    if (const auto lock = lock_abandoned(folder, *before)) remove_folder(folder, write_mark(*before));
}

// Of all runs of this user.
std::vector<std::string> folders_in(const std::string& base) {
    const std::string start = name_start();
    std::error_code code;
    std::vector<std::string> folders;
    for (fs::directory_iterator entry(base, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(start) && is_run_id(std::string_view(name).substr(start.size())))
            folders.push_back(entry->path().string());
    }
    return folders;
}

void sweep_base(const std::string& base) {
    for (const std::string& folder : folders_in(base)) {
        try {
            sweep_folder(folder);
        } catch (const Error&) {  // it stays
        }
    }
}

std::string resolved(const std::string& path) {
    std::error_code code;
    const fs::path real = fs::canonical(path, code);
    return code ? std::string() : real.string();
}

}  // namespace

RoomLock::RoomLock() {
    constexpr int kPatienceMs = 20'000, kNapMs = 5;
    if (!is_in_memory(kMemory)) return;
    try {
        folder_ = PosixFile(kMemory, O_RDONLY | O_DIRECTORY);
        for (int waited = 0; ::flock(folder_.descriptor(), LOCK_EX | LOCK_NB) != 0 && waited < kPatienceMs;
             waited += kNapMs) {
            check_interrupt();
            ::usleep(kNapMs * 1000);
        }
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted) throw;
    }
}

TempFolder TempFolder::make(const std::string& base, const TempMark& mark) {
    const std::string folder = cat(base, "/", name_start(), mark.run);
    if (::mkdir(folder.c_str(), 0700) != 0)
        throw Error(ErrorKind::kFailure,
                    cat("could not make the folder ", quote(folder, 200), ": ", system_words(errno)));
    try {
        auto lock = FileLock::try_lock(mark_path(folder), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
        if (!lock) throw Error(ErrorKind::kFailure, cat("the folder ", quote(folder, 200), " was taken away"));
        lock->file().write_at(write_mark(mark), 0);
        return TempFolder(folder, std::move(*lock), mark);
    } catch (...) {
        ::unlink(mark_path(folder).c_str());
        ::rmdir(folder.c_str());
        throw;
    }
}

TempFolder::~TempFolder() {
    if (!lock_) return;
    try {
        remove();
    } catch (const Error&) {  // the next run removes it
    }
}

void TempFolder::made() {
    mark_.making = false;
    lock_->file().write_at(write_mark(mark_), 0);
}

void TempFolder::keep() {
    mark_.kept = true;
    lock_->file().write_at(write_mark(mark_), 0);
    lock_.reset();
}

void TempFolder::leave() noexcept {
    lock_.reset();
}

void TempFolder::remove() {
    const std::string problem = remove_folder(path_, write_mark(mark_));
    lock_.reset();
    if (problem.empty()) return;
    throw Error(ErrorKind::kFailure, cat("the copy in ", quote(path_, 200), " could not be removed: ", problem));
}

std::vector<std::string> temp_bases(std::vector<std::string>& unusable) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& asked) {
        const std::string base = resolved(asked);
        if (base.empty()) {
            unusable.push_back(cat(quote(asked, 200), " is not there"));
        } else if (!std::ranges::all_of(base, is_plain_in_urls)) {
            unusable.push_back(cat(quote(base, 200), " has characters that a URL changes"));
        } else if (std::ranges::find(out, base) == out.end()) {
            out.push_back(base);
        }
    };
    if (is_in_memory(kMemory)) add(kMemory);
    const char* variable = std::getenv("TMPDIR");
    const bool named = variable != nullptr && *variable != '\0';
    if (named) add(variable);
    if (!named || !unusable.empty()) add("/tmp");
    return out;
}

namespace {

// Those that other runs may have used, too.
std::vector<std::string> all_bases() {
    std::vector<std::string> ignored;
    std::vector<std::string> bases = temp_bases(ignored);
    if (std::ranges::find(bases, "/tmp") == bases.end()) bases.emplace_back("/tmp");
    return bases;
}

}  // namespace

void sweep_temp_folders() noexcept {
    try {
        for (const std::string& base : all_bases())
            sweep_base(base);
    } catch (...) {  // they stay
    }
}

std::string find_temp_folder(const std::string& run) {
    for (const std::string& base : all_bases()) {
        std::string folder = cat(base, "/", name_start(), run);
        const auto mark = mark_of_folder(folder);
        if (mark && mark->run == run) return folder;
    }
    return {};
}

std::optional<TempMark> read_folder_mark(const std::string& folder) {
    return mark_of_folder(folder);
}

std::optional<bool> is_folder_locked(const std::string& folder) {
    try {
        return FileLock::is_held(mark_path(folder));
    } catch (const Error&) {
        return std::nullopt;
    }
}

void sweep_made_folders(const std::string& server, const std::set<std::string>& there) noexcept {
    try {
        for (const std::string& base : all_bases()) {
            for (const std::string& folder : folders_in(base)) {
                const std::optional<TempMark> mark = mark_of_folder(folder);
                if (!mark || !mark->making || mark->server != server || there.contains(mark->run)) continue;
                if (is_folder_locked(folder) == false && processes_of_run(mark->run).empty())
                    remove_abandoned_folder(folder);
            }
        }
    } catch (...) {  // they stay
    }
}

void remove_abandoned_folder(const std::string& folder) noexcept {
    try {
        const std::optional<TempMark> before = mark_of_folder(folder);
        if (!before || before->kept) return;
        if (const auto lock = lock_abandoned(folder, *before)) remove_folder(folder, write_mark(*before));
    } catch (const Error&) {  // it stays
    }
}

namespace {

std::optional<TempMark> mark_of_file(const std::string& database_file) {
    const std::string real = resolved(database_file);
    struct stat facts = {};
    if (real.empty() || ::lstat(real.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink > 1)
        return std::nullopt;
    const std::string folder = folder_of(real);
    const std::string name = folder.substr(folder.rfind('/') + 1);
    if (!name.starts_with(name_start()) || !is_run_id(std::string_view(name).substr(name_start().size())))
        return std::nullopt;
    return mark_of_folder(folder);
}

// `name` is a database's on a server. The run in it is as good as unique, so no server is asked.
std::string folder_of_clone(const std::string& name) {
    const auto run = run_of_copy(name);
    if (!run) return {};
    const std::string folder = find_temp_folder(*run);
    if (folder.empty()) return {};
    const auto mark = mark_of_folder(folder);
    return mark && mark->clone == name ? folder : std::string();
}

std::optional<TempMark> mark_of_clone(const std::string& name) {
    const std::string folder = folder_of_clone(name);
    if (folder.empty()) return std::nullopt;
    return mark_of_folder(folder);
}

}  // namespace

std::string folder_of_clone(const DatabaseIdentity& database) {
    return database.file.empty() ? folder_of_clone(database.name) : std::string();
}

std::optional<TempMark> read_temp_mark(const DatabaseIdentity& database) {
    return database.file.empty() ? mark_of_clone(database.name) : mark_of_file(database.file);
}

std::vector<std::string> original_stores(const DatabaseIdentity& database) {
    constexpr std::size_t kMost = 20;
    std::vector<std::string> out;
    for (auto mark = read_temp_mark(database); mark && out.size() < kMost;) {
        if (!mark->store.empty()) out.push_back(mark->store);
        mark = mark->clone.empty() ? mark_of_file(mark->database) : mark_of_clone(mark->database);
    }
    return out;
}

}  // namespace dbfixture
