// SPDX-License-Identifier: MIT
#include "state/store_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <system_error>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/percent.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "state/serialized.h"
#include "state/temp_folder.h"

namespace dbfixture {
namespace {

constexpr std::string_view kMarker = ".dbfixture-store";
constexpr std::string_view kMarkerStart = "A snapshot store of dbfixture.\n";
constexpr std::string_view kMadeLine = "dbfixture made this folder, and removes it with its last snapshot.\n";
constexpr std::string_view kIgnore = ".gitignore";
constexpr std::string_view kIgnoreAll = "*\n";
constexpr std::string_view kSubfolder = "dbfixture.snapshots";
constexpr std::string_view kOwnStart = ".dbfixture-";
constexpr std::string_view kStampStart = ".dbfixture-stamp-";
constexpr std::string_view kTemporaryEnd = ".tmp";
constexpr std::string_view kManifestStart = "{\n  \"format\": \"dbfixture snapshot\",";
constexpr std::string_view kDataMark = ".dbfixture";
constexpr std::string_view kBlocksEnd = "blocks";
constexpr std::size_t kIdSize = 16;

std::string in_folder(const std::string& folder, std::string_view file) {
    return cat(folder, "/", file);
}

// The first bytes of a file; "" if it cannot be read.
std::string first_bytes(const std::string& path, std::size_t size) {
    try {
        const PosixFile file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        std::string text(size, '\0');
        text.resize(file.read_at(text.data(), size, 0));
        return text;
    } catch (const Error&) {
        return {};
    }
}

bool ignores_all(const std::string& folder) {
    return first_bytes(in_folder(folder, kIgnore), kIgnoreAll.size() + 1) == kIgnoreAll;
}

// "NAME-0123456789abcdef", the mark, and the extension of a kind of state that is kept in files.
bool has_id_before(std::string_view file, std::string_view mark) {
    if (file.starts_with('.')) return false;
    std::vector<std::string_view> extensions = {kSerializedEnd};
    if (!mark.empty()) extensions.emplace_back(kBlocksEnd);  // which no version before had
    for (const StateForm& form : state_forms()) {
        if (!mark.empty() || form.kind == StateKind::kImage) extensions.push_back(form.extension);
    }
    for (const std::string_view extension : extensions) {
        const std::string end = cat(mark, ".", extension);
        if (!file.ends_with(end)) continue;
        const std::string_view rest = file.substr(0, file.size() - end.size());
        return rest.size() > kIdSize + 1 && rest[rest.size() - kIdSize - 1] == '-' &&
               rest.substr(rest.size() - kIdSize).find_first_not_of("0123456789abcdef") == std::string_view::npos;
    }
    return false;
}

// Data, stamps and temporary files as versions before the marker named them, which others may have chosen, too.
bool is_old_name(std::string_view file) {
    constexpr std::string_view kOldStamp = ".stamp-";
    const auto is_data = [](std::string_view name) { return has_id_before(name, ""); };
    if (file.starts_with(kOldStamp)) return is_data(file.substr(kOldStamp.size()));
    if (file.starts_with('.') && file.ends_with(kTemporaryEnd)) {
        const std::string_view inner = file.substr(1, file.size() - 1 - kTemporaryEnd.size());
        return is_data(inner) || inner.ends_with(kManifestEnd);
    }
    return is_data(file);
}

bool is_own(const std::string& folder, const std::string& file) {
    if (file == kIgnore) return ignores_all(folder);
    if (file.starts_with(kOwnStart) || is_data_name(file) || is_old_name(file)) return true;
    return file.ends_with(kManifestEnd) && begins_as_manifest(in_folder(folder, file));
}

// Where programs keep what is no document of the user's but should outlive a restart (XDG base directories); "" where
// nothing says. A relative path says nothing: it would be another folder for every working directory.
std::string state_home() {
    const auto absolute = [](const char* name) -> std::string {
        const char* const value = std::getenv(name);
        return value != nullptr && *value == '/' ? value : "";
    };
    if (const std::string named = absolute("XDG_STATE_HOME"); !named.empty()) return cat(named, "/dbfixture");
    const std::string home = absolute("HOME");
    return home.empty() ? home : cat(home, "/.local/state/dbfixture");
}

void make_folders(const std::filesystem::path& path, mode_t mode, std::error_code& code) {
    std::error_code ignored;
    if (path.empty() || std::filesystem::is_directory(path, ignored)) return;
    make_folders(path.parent_path(), mode, code);
    if (code || ::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return;
    code.assign(errno, std::generic_category());
}

struct Content {
    bool empty = true;  // but for our .gitignore, and what was being written when somebody was killed
    bool all_own = true;
    bool manifest = false;
};

Content look_into(const std::string& folder) {
    Content content;
    for (const std::string& file : files_in(folder)) {
        const bool own = is_own(folder, file);
        if (!own || (file != kIgnore && !is_temporary_name(file))) content.empty = false;
        content.all_own = content.all_own && own;
        content.manifest = content.manifest || (own && file.ends_with(kManifestEnd));
    }
    return content;
}

}  // namespace

std::vector<std::string> files_in(const std::string& folder) {
    std::error_code code;
    std::vector<std::string> files;
    auto entry = std::filesystem::directory_iterator(folder, code);
    for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code))
        files.push_back(entry->path().filename().string());
    if (!code || code == std::errc::no_such_file_or_directory) return files;
    throw Error(ErrorKind::kFailure,
                cat("could not read the folder ", quote(folder, 200), ": ", system_words(code.value())));
}

std::string_view difference_end(const StateForm& form) {
    return form.kind == StateKind::kImage ? kBlocksEnd : form.extension;
}

std::string default_store(const DatabaseIdentity& database) {
    constexpr std::size_t kHashSize = 8, kMostName = 100;
    if (!database.file.empty()) return cat(database.file, kStoreEnd);
    if (const std::string folder = folder_of_clone(database); !folder.empty())
        return cat(folder, "/", database.name, kStoreEnd);
    const std::string home = state_home();
    if (home.empty() || database.id.empty()) return {};
    std::string name = database.name.substr(0, kMostName);
    for (char& c : name) {
        if (!is_plain_in_urls(c) || c == '/') c = '_';
    }
    if (name.empty() || name[0] == '.' || name[0] == '-') name.insert(0, "_");
    Checksum sum;
    sum.update(database.id);
    return cat(home, "/", name, "-", sum.digest().substr(0, kHashSize), kStoreEnd);
}

std::string store_folder(const std::string& asked) {
    std::error_code code;
    if (!std::filesystem::is_directory(asked, code) || is_marked_store(asked)) return asked;
    const Content content = look_into(asked);
    if (content.empty || content.manifest || (content.all_own && ignores_all(asked))) return asked;
    return in_folder(asked, kSubfolder);
}

bool is_marked_store(const std::string& folder) {
    return first_bytes(in_folder(folder, kMarker), kMarkerStart.size()) == kMarkerStart;
}

bool make_store_folder(const std::string& folder) {
    std::error_code code;
    const std::string home = state_home();
    const bool is_private = !home.empty() && folder.starts_with(cat(home, "/"));
    make_folders(std::filesystem::path(folder).parent_path(), is_private ? 0700 : 0777, code);
    bool made = false;
    if (!code) {
        made = ::mkdir(folder.c_str(), 0700) == 0;
        if (!made) code.assign(errno, std::generic_category());
        std::error_code ignored;
        if (code.value() == EEXIST) {
            code.assign(std::filesystem::is_directory(folder, ignored) ? 0 : ENOTDIR, std::generic_category());
        }
    }
    if (!code && ::access(folder.c_str(), W_OK) != 0) code.assign(errno, std::generic_category());
    if (!code) return made;
    throw Error(ErrorKind::kFailure,
                cat("could not write to the snapshot store ", quote(folder, 200), ": ", system_words(code.value())))
        .with_hint("name another folder: --store DIR");
}

bool was_begun(const std::string& folder) {
    if (!folder.ends_with(kStoreEnd)) return false;
    for (const std::string& file : files_in(folder)) {
        if (file != kIgnore && !is_temporary_name(file)) return false;
    }
    return true;
}

void mark_store_folder(const std::string& folder, bool made) {
    if (is_marked_store(folder)) return;
    const Content content = look_into(folder);
    if (!content.all_own) return;
    const auto write = [&](std::string_view file, std::string_view text) {
        replace_file(in_folder(folder, file), in_folder(folder, temporary_name(std::string(file.substr(1)))), text,
                     false);
    };
    if (made) write(kIgnore, kIgnoreAll);
    write(kMarker, cat(kMarkerStart, made ? kMadeLine : ""));
}

void remove_empty_store(const std::string& folder) noexcept {
    try {
        const std::string marker = in_folder(folder, kMarker);
        if (first_bytes(marker, 200) != cat(kMarkerStart, kMadeLine)) return;
        for (const std::string& file : files_in(folder)) {
            if (file != kMarker && (file != kIgnore || !ignores_all(folder))) return;
        }
        ::unlink(in_folder(folder, kIgnore).c_str());
        ::unlink(marker.c_str());
        ::rmdir(folder.c_str());
    } catch (...) {  // it stays
    }
}

std::string temporary_name(const std::string& file) {
    return cat(kOwnStart, file, kTemporaryEnd);
}

std::string stamp_name(const std::string& data_file) {
    return cat(kStampStart, data_file);
}

bool is_temporary_name(std::string_view file) {
    return file.starts_with(kOwnStart) && file.ends_with(kTemporaryEnd);
}

std::string data_of_stamp(std::string_view file) {
    return file.starts_with(kStampStart) ? std::string(file.substr(kStampStart.size())) : std::string();
}

std::string new_data_name(const std::string& snapshot, std::string_view extension) {
    std::random_device random;
    std::array<char, kIdSize + 1> id{};
    std::snprintf(id.data(), id.size(), "%08x%08x", random(), random());
    return cat(snapshot, "-", id.data(), kDataMark, ".", extension);
}

bool is_data_name(std::string_view file) {
    return has_id_before(file, kDataMark);
}

bool may_be_data_of_ours(std::string_view file) {
    return is_data_name(file) || has_id_before(file, "");
}

bool begins_as_manifest(const std::string& path) {
    struct stat facts = {};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
    const std::string start = first_bytes(path, kManifestStart.size());
    if (start.size() < kManifestStart.size()) return kManifestStart.starts_with(start);
    std::size_t different = 0;
    for (std::size_t i = 0; i < start.size(); ++i)
        different += start[i] != kManifestStart[i] ? 1 : 0;
    return different <= 4;
}

std::string read_store_file(const std::string& path) {
    constexpr std::uint64_t kMost = std::uint64_t{256} << 20;
    const PosixFile file(path, O_RDONLY | O_NOFOLLOW);
    const std::uint64_t size = file.size();
    if (size > kMost) throw Error(ErrorKind::kInput, cat("the file ", quote(path, 200), " is too large"));
    std::string text(static_cast<std::size_t>(size), '\0');
    text.resize(file.read_at(text.data(), text.size(), 0));
    return text;
}

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

}  // namespace dbfixture
