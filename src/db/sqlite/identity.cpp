// SPDX-License-Identifier: MIT
#include "db/sqlite/identity.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/cat.h"

namespace dbfixture::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;

// Rule 2.
fs::path working_directory() {
    std::error_code code;
    const fs::path real = fs::current_path(code);
    const char* named = std::getenv("PWD");
    if (named == nullptr || *named != '/' || real == named) return real;
    return fs::equivalent(named, real, code) ? fs::path(named) : real;
}

// Absolute, with links resolved, as far as the path exists; "" where that cannot be told.
std::string resolved(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (real != nullptr) return real.get();
    std::error_code code;
    const fs::path most = fs::weakly_canonical(fs::absolute(path, code), code);
    return code ? std::string() : most.string();
}

// Rule 1.
std::vector<fs::path> spellings_of(const std::string& path) {
    std::vector<fs::path> out;
    std::error_code code;
    const auto add = [&](const fs::path& spelling) {
        out.push_back(spelling.lexically_normal());
        // The folder is reached by links of its own.
        const std::string folder = resolved(spelling.parent_path().string());
        if (!folder.empty()) out.push_back(fs::path(folder) / spelling.filename());
    };
    fs::path at = working_directory() / path;
    add(at);
    for (int i = 0; i < kMostLinks && fs::is_symlink(fs::symlink_status(at, code)); ++i) {
        const fs::path to = fs::read_symlink(at, code);
        if (code) break;
        at = at.parent_path() / to;
        add(at);
    }
    return out;
}

// Rule 3.
std::string id_of(const std::string& real) {
    struct statx facts = {};
    if (::statx(AT_FDCWD, real.c_str(), 0, STATX_INO | STATX_BTIME, &facts) != 0) return cat("path ", real);
    std::string out = cat("file ", facts.stx_dev_major, ":", facts.stx_dev_minor, ":", facts.stx_ino);
    if ((facts.stx_mask & STATX_BTIME) != 0)
        append(out, cat(":", facts.stx_btime.tv_sec, ".", facts.stx_btime.tv_nsec));
    return out;
}

}  // namespace

std::string real_path(const std::string& given) {
    std::string path = given;
    std::error_code code;
    for (int i = 0; i < kMostLinks && !fs::exists(path, code); ++i) {
        const fs::path target = fs::read_symlink(path, code);
        if (code) break;
        path = (fs::path(path).parent_path() / target).string();
    }
    const std::string real = resolved(path);
    return real.empty() ? path : real;
}

DatabaseIdentity identify(const Location& location) {
    DatabaseIdentity out;
    out.shown = location.shown;
    if (location.file.empty()) return out;
    for (const fs::path& path : spellings_of(location.file)) {
        out.name = path.filename().string();
        out.names.push_back({"name", out.name});
        out.names.push_back({"folder", path.parent_path().filename().string()});
    }
    out.given_name = fs::path(location.file).filename().string();
    out.file = real_path(location.file);
    out.id = id_of(out.file);
    return out;
}

}  // namespace dbfixture::sqlite
