// SPDX-License-Identifier: MIT
#include "base/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <sstream>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// Files of /proc say that they are empty. "" if it cannot be read.
std::string read_all(const std::string& path) {
    try {
        const PosixFile file(path, O_RDONLY);
        std::string text;
        std::size_t got = 0;
        do {
            constexpr std::size_t kPiece = 4096;
            const std::size_t size = text.size();
            text.resize(size + kPiece);
            got = file.read_at(text.data() + size, kPiece, size);
            text.resize(size + got);
        } while (got > 0);
        return text;
    } catch (const Error&) {
        return {};
    }
}

std::uint64_t own_number_space() {
    struct stat facts = {};
    return ::stat("/proc/self/ns/pid", &facts) == 0 ? facts.st_ino : 0;
}

struct Stat {
    char state = 0;
    int parent = 0;
    std::uint64_t started = 0;
};

// "123 (name, which may hold anything) S ...": the 3rd, 4th and 22nd field.
std::optional<Stat> read_stat(int number) {
    const std::string text = read_all(cat("/proc/", number, "/stat"));
    const std::size_t end = text.rfind(')');
    if (end == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(end + 1));
    Stat out;
    fields >> out.state >> out.parent;
    std::string skipped;
    for (int field = 5; field < 22; ++field)
        fields >> skipped;
    fields >> out.started;
    if (!fields || out.state == 'Z' || out.state == 'X') return std::nullopt;
    return out;
}

bool has_variable(std::string_view environment, std::string_view name, std::string_view wanted) {
    while (!environment.empty()) {
        const std::string_view entry = environment.substr(0, environment.find('\0'));
        environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
        const bool is_it = entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
        if (is_it && has_item(entry.substr(name.size() + 1), wanted)) return true;
    }
    return false;
}

}  // namespace

const std::string& boot_identity() {
    static const std::string id = [] {
        std::string text = read_all("/proc/sys/kernel/random/boot_id");
        text.resize(std::min(text.find('\n'), text.size()));
        return text;
    }();
    return id;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

bool has_item(std::string_view list, std::string_view wanted) {
    for (;;) {
        const std::size_t end = std::min(list.find(':'), list.size());
        if (list.substr(0, end) == wanted) return true;
        if (end == list.size()) return false;
        list.remove_prefix(end + 1);
    }
}

std::optional<ProcessIdentity> identify_process(int number) {
    const std::optional<Stat> stat = read_stat(number);
    if (!stat) return std::nullopt;
    return ProcessIdentity{number, stat->started, boot_identity(), own_number_space()};
}

ProcessIdentity identify_self() {
    if (auto self = identify_process(::getpid())) return *std::move(self);
    throw Error(ErrorKind::kFailure, "cannot tell one process from another: /proc is not mounted")
        .with_hint("in a bare chroot: mount -t proc proc /proc");
}

std::string write_process(const ProcessIdentity& process) {
    return cat(process.number, " ", process.started, " ", process.number_space, " ", process.boot);
}

std::optional<ProcessIdentity> read_process(std::string_view text) {
    std::istringstream words{std::string(text)};
    ProcessIdentity out;
    std::string rest;
    words >> out.number >> out.started >> out.number_space >> out.boot;
    if (!words || words >> rest || out.number <= 0) return std::nullopt;
    return out;
}

Life life_of(const ProcessIdentity& process) {
    if (process.boot != boot_identity()) return Life::kDead;
    if (process.number_space != own_number_space()) return Life::kUnknown;
    return identify_process(process.number) == process ? Life::kAlive : Life::kDead;
}

bool descends_from(const ProcessIdentity& process) {
    if (life_of(process) != Life::kAlive) return false;
    int number = ::getpid();
    while (number > 0 && number != process.number) {
        const std::optional<Stat> stat = read_stat(number);
        number = stat ? stat->parent : 0;
    }
    return number == process.number;
}

std::string describe_process(int number) {
    std::string name = read_all(cat("/proc/", number, "/comm"));
    name.resize(std::min(name.find('\n'), name.size()));
    return cat("process ", number, name.empty() ? "" : cat(" (", printable(name, 60), ")"));
}

std::vector<int> find_processes(std::string_view name, std::string_view wanted) {
    std::vector<int> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    for (const dirent* entry; folder && (entry = ::readdir(folder.get())) != nullptr;) {
        const std::string_view text = entry->d_name;
        int number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (problem != std::errc() || end != text.data() + text.size() || number == ::getpid()) continue;
        if (has_variable(read_all(cat("/proc/", number, "/environ")), name, wanted) && read_stat(number))
            found.push_back(number);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace dbfixture
