// SPDX-License-Identifier: MIT
#include "db/sqlite/sidecar.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/open_files.h"
#include "db/sqlite/identity.h"

namespace dbfixture::sqlite {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kSuffixes = {"-wal"sv, "-journal"sv, "-shm"sv};

// https://sqlite.org/fileformat2.html: the database, the rollback journal, the two byte orders of the log.
constexpr std::array kMagics = {"SQLite format 3\0"sv, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"sv, "\x37\x7f\x06\x82"sv,
                                "\x37\x7f\x06\x83"sv};

// Nothing where the system lists none, or none that can be read.
std::optional<std::string> first_bytes_by(const std::vector<int>& descriptors) {
    for (const int descriptor : descriptors) {
        std::string bytes(16, '\0');
        const ssize_t got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
        if (got < 0) continue;
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }
    return std::nullopt;
}

std::vector<int> open_descriptors(const std::string& path) {
    try {
        return descriptors_of(path);
    } catch (const Error&) {
        return {};
    }
}

// The first bytes of a regular file; "" for anything else. A device is not opened: that may have effects. A file that
// this process has open, perhaps a database through SQLite, is read by the descriptor that is there.
std::string first_bytes(const std::string& path) {
    struct stat facts = {};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    if (const auto bytes = first_bytes_by(open_descriptors(path))) return *bytes;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return {};
    std::string bytes(16, '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    ::close(fd);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

bool begins_as_database(const std::string& path) {
    return first_bytes(path) == kMagics[0];
}

}  // namespace

std::string describe_file(const std::string& path) {
    const std::string bytes = first_bytes(path);
    for (const std::string_view magic : kMagics) {
        if (bytes.starts_with(magic)) return magic == kMagics[0] ? "a database" : "a part of a database";
    }
    for (const std::string_view suffix : kSuffixes) {
        if (path.ends_with(suffix) && begins_as_database(path.substr(0, path.size() - suffix.size())))
            return "a file that belongs to a database";
    }
    return {};
}

std::vector<std::string> files_at(const std::string& path) {
    std::vector<std::string> out = {path};
    for (const std::string_view suffix : kSuffixes)
        out.push_back(cat(path, suffix));
    return out;
}

std::vector<std::string> files_of(const Location& location) {
    std::vector<std::string> out;
    if (location.file.empty()) return out;
    for (const std::string& path : {location.file, real_path(location.file)}) {
        for (std::string& file : files_at(path))
            out.push_back(std::move(file));
    }
    return out;
}

}  // namespace dbfixture::sqlite
