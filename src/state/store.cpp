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
#include <set>
#include <system_error>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "state/layer_record.h"
#include "state/run_record.h"
#include "state/store_folder.h"

namespace dbfixture {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

void move_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    throw Error(ErrorKind::kFailure, cat("could not write ", quote(to, 200), ": ", system_words(errno)));
}

}  // namespace

void check_snapshot_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= 100 && name[0] != '.' && name[0] != '-' &&
                      std::all_of(name.begin(), name.end(), is_name_character);
    if (good) return;
    throw Error(ErrorKind::kUsage, cat("a snapshot cannot be named ", quote(name)))
        .with_hint("use up to 100 letters, digits, \".\", \"_\" and \"-\", not \".\" or \"-\" first");
}

// Afterwards the path still names the folder that was locked; false if it does not: its store was removed meanwhile.
bool SnapshotStore::lock(int operation, int busy_timeout_ms) {
    using Clock = std::chrono::steady_clock;
    lock_ = PosixFile(folder_, O_RDONLY | O_DIRECTORY);
    const auto end = Clock::now() + std::chrono::milliseconds(busy_timeout_ms);
    while (::flock(lock_.descriptor(), operation | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) {  // a file system without locks: rule 1 holds all the same
            has_lock_ = false;
            return true;
        }
        check_interrupt();
        if (Clock::now() >= end) {
            throw Error(ErrorKind::kBusy, cat("the snapshot store ", quote(folder_, 200), " is busy"))
                .with_detail(cat("Waited ", busy_timeout_ms, " ms for another dbfixture to finish."));
        }
        ::usleep(5000);
    }
    has_lock_ = true;
    struct stat locked = {}, named = {};
    return ::fstat(lock_.descriptor(), &locked) == 0 && ::stat(folder_.c_str(), &named) == 0 &&
           locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

bool SnapshotStore::exists() const {
    std::error_code ignored;
    return std::filesystem::is_directory(folder_, ignored);
}

void SnapshotStore::lock_for_reading(int busy_timeout_ms) {
    while (exists() && !lock(LOCK_SH, busy_timeout_ms)) {
    }
}

std::vector<std::string> SnapshotStore::lock_for_writing(States& states, int busy_timeout_ms) {
    bool made = make_store_folder(folder_);
    while (!lock(LOCK_EX, busy_timeout_ms))
        made = make_store_folder(folder_);
    mark_store_folder(folder_, made || was_begun(folder_));
    std::vector<std::string> cleared = clean_up(states);
    const std::vector<std::string> swept = states.sweep(folder_);
    cleared.insert(cleared.end(), swept.begin(), swept.end());
    return cleared;
}

// A database of its own bears a mark only once it is made: until then its reference is what says that it is ours.
bool refers_to_database(std::string_view file) {
    for (const StateForm& form : state_forms()) {
        if (form.kind == StateKind::kTemplate && file.find(cat(".", form.extension)) != std::string_view::npos)
            return true;
    }
    return false;
}

// Adds the files that a record of layers names, and the locks of its runs; false if it cannot be read.
bool SnapshotStore::name_layers(const std::string& file, std::set<std::string>& named) const {
    try {
        const LayerRecord record = parse_layer_record(read_store_file(path(file)), file);
        for (std::string& one : files_of(record))
            named.insert(std::move(one));
        for (const Layer& layer : record.layers)
            named.insert(run_lock_name(layer.run));
        return true;
    } catch (const Error&) {
        return false;
    }
}

std::vector<std::string> SnapshotStore::clean_up(States& states) const {
    std::vector<std::string> cleared;
    if (!is_marked_store(folder_)) return cleared;
    std::set<std::string> named;
    bool all_known = true;
    for (const StoredSnapshot& snapshot : list()) {
        all_known = all_known && snapshot.manifest.has_value();
        if (snapshot.manifest) named.insert(snapshot.manifest->file);
    }
    const std::vector<std::string> files = files_in(folder_);
    for (const std::string& file : files) {
        if (is_layer_record_name(file)) all_known = name_layers(file, named) && all_known;
    }
    for (const std::string& file : files) {
        // Whose it is cannot be told while a manifest or a record is damaged.
        const bool orphan = all_known && (is_data_name(file) || is_run_lock_name(file)) && named.count(file) == 0;
        const std::string stamped = data_of_stamp(file);
        const bool goes = orphan || is_temporary_name(file) || (!stamped.empty() && named.count(stamped) == 0);
        if (goes && stamped.empty() && refers_to_database(file)) {
            states.discard(path(file));
            if (::access(path(file).c_str(), F_OK) != 0)
                cleared.push_back(cat("removed what a killed process left of ", quote(file, 200)));
        } else if (goes) {
            ::unlink(path(file).c_str());
        }
    }
    return cleared;
}

std::vector<std::string> SnapshotStore::names() const {
    std::vector<std::string> names;
    const bool marked = is_marked_store(folder_);
    for (const std::string& file : files_in(folder_)) {
        if (file.starts_with('.') || !file.ends_with(kManifestEnd)) continue;
        if (!marked && !begins_as_manifest(path(file))) continue;
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
    return ::access(manifest_path(name).c_str(), F_OK) == 0;
}

Manifest SnapshotStore::read(const std::string& name) const {
    check_snapshot_name(name);
    const std::string file = manifest_path(name);
    if (!has(name)) {
        const std::vector<std::string> known = names();
        if (known.empty()) throw no_snapshots(cat("there is no snapshot ", quote(name)));
        throw Error(ErrorKind::kNotFound, cat("there is no snapshot ", quote(name)))
            .with_detail(cat("The store ", quote(folder_, 200), " has ", quote_list(known), "."))
            .with_hint(did_you_mean(name, known));
    }
    return parse_manifest(read_store_file(file), file);
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

std::string SnapshotStore::created_now() {
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm utc = {};
    ::gmtime_r(&now.tv_sec, &utc);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", utc.tm_year + 1900, utc.tm_mon + 1,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000);
    return text.data();
}

std::string SnapshotStore::manifest_path(const std::string& name) const {
    return path(cat(name, kManifestEnd));
}

// Only what dbfixture wrote is replaced or removed.
void SnapshotStore::require_own(const std::string& name) const {
    const std::string file = manifest_path(name);
    if (!has(name) || begins_as_manifest(file)) return;
    throw Error(ErrorKind::kRefused, cat("the file ", quote(file, 200), " is not dbfixture's"))
        .with_detail("It does not begin as a manifest does, so it is neither replaced nor removed.")
        .with_hint("give the snapshot another name, or remove that file yourself");
}

std::optional<Manifest> SnapshotStore::manifest_of(const std::string& name) const {
    require_own(name);
    try {
        return has(name) ? std::optional(read(name)) : std::nullopt;
    } catch (const Error&) {  // damaged: there is no telling what its data is
        return std::nullopt;
    }
}

// What lies in another database is reached from there alone: the next to write to this store from it sweeps it.
void SnapshotStore::remove_data_of(const std::optional<Manifest>& manifest, States& states,
                                   std::vector<std::string>& warnings) const {
    if (!manifest) return;
    remove_data(manifest->file, states, warnings);
    if (manifest->kind != StateKind::kCopy || manifest->database == states.identity().name) return;
    warnings.push_back(cat("the copies of tables in the database ", quote(manifest->database),
                           " go when the next state of that database is saved in this store"));
}

void SnapshotStore::remove_data(const std::string& file, States& states, std::vector<std::string>& warnings) const {
    if (!may_be_data_of_ours(file)) return;
    states.discard(path(file));
    try {
        remove_file(path(file));
        remove_file(stamp_path(file));
        remove_file(path(cat(".stamp-", file)));  // as it was named before
    } catch (const Error& error) {
        warnings.push_back(cat("the data of the old snapshot is still there: ", error.message));
    }
}

void SnapshotStore::make_last(std::vector<std::string>& warnings) const {
    try {
        sync_folder(folder_);
    } catch (const Error& error) {
        warnings.push_back(cat("it is done, but may not survive a power cut: ", error.message));
    }
}

void SnapshotStore::publish(const std::string& name, const Manifest& manifest, States& states,
                            std::vector<std::string>& warnings) const {
    const std::optional<Manifest> old = manifest_of(name);
    const std::string data = data_path(manifest);
    move_file(path(temporary_name(manifest.file)), data);
    try {
        sync_folder(folder_);
        replace_file(manifest_path(name), path(temporary_name(cat(name, kManifestEnd))), write_manifest(manifest),
                     true);
    } catch (...) {
        states.discard(data);
        ::unlink(data.c_str());
        throw;
    }
    make_last(warnings);
    remove_data_of(old, states, warnings);
}

void SnapshotStore::remove(const std::string& name, States& states, std::vector<std::string>& warnings) const {
    if (!has(name)) read(name);  // throws, and says which there are
    const std::optional<Manifest> old = manifest_of(name);
    remove_file(manifest_path(name));
    make_last(warnings);
    remove_data_of(old, states, warnings);
    remove_empty_store(folder_);
}

void SnapshotStore::rename(const std::string& from, const std::string& to, States& states,
                           std::vector<std::string>& warnings) const {
    require_own(from);
    const std::optional<Manifest> old = manifest_of(to);
    move_file(manifest_path(from), manifest_path(to));
    make_last(warnings);
    remove_data_of(old, states, warnings);
}

std::string SnapshotStore::stamp_path(const std::string& data_file) const {
    return path(stamp_name(data_file));
}

std::string SnapshotStore::read_stamp(const std::string& data_file) const {
    try {
        const std::string text = read_store_file(stamp_path(data_file));
        const std::size_t line = text.find('\n');
        if (line == std::string::npos) return {};
        Checksum sum;
        sum.update(std::string_view(text).substr(0, line));
        return text.substr(line + 1) == sum.digest() ? text.substr(0, line) : std::string();
    } catch (const Error&) {
        return {};
    }
}

// In place, which spares a disk the work of a new file: of one that is half written the checksum is wrong.
void SnapshotStore::write_stamp(const std::string& data_file, const std::string& stamp) const noexcept {
    try {
        Checksum sum;
        sum.update(stamp);
        const std::string text = cat(stamp, "\n", sum.digest());
        const std::string target = stamp_path(data_file);
        if (::access(target.c_str(), W_OK) == 0) {
            const PosixFile file(target, O_WRONLY | O_NOFOLLOW);
            file.write_at(text, 0);
            file.truncate(text.size());
            return;
        }
        replace_file(target, path(temporary_name(cat("stamp-", data_file, "-", ::getpid()))), text, false);
    } catch (...) {  // a read-only store: restores then compare
    }
}

}  // namespace dbfixture
