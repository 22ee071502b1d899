// SPDX-License-Identifier: MIT
#include "output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/codec/codec.h"
#include "fixture/file_name.h"
#include "session.h"
#include "state/store_folder.h"

namespace dbfixture {
namespace {

namespace fs = std::filesystem;

// Whether both lead to one file, or would if they existed.
bool same_file(const std::string& a, const std::string& b) {
    std::error_code code;
    if (fs::equivalent(a, b, code)) return true;
    const fs::path real = fs::weakly_canonical(fs::absolute(a, code), code);
    return !code && real == fs::weakly_canonical(fs::absolute(b, code), code) && !code;
}

// What must not be replaced, by name.
struct ProtectedFiles {
    std::string database;               // as named; "" if it is no file
    std::vector<std::string> beside;    // what belongs to it, as named and at the end of all links
    std::vector<std::string> settings;  // the config file, an env file
};

[[noreturn]] void refuse(const std::string& target, std::string_view why) {
    throw Error(ErrorKind::kRefused, cat("refused to write ", quote(target, 200), ": ", why))
        .with_hint("name another file; if this one is not needed any more, remove it first");
}

// A store of the time before markers has the name that a store has by default.
bool is_in_store(const std::string& target) {
    std::error_code code;
    const std::string folder = fs::weakly_canonical(fs::absolute(target, code), code).parent_path().string();
    return folder.ends_with(".snapshots") || is_marked_store(folder);
}

void check_file(const ProtectedFiles& files, const std::string& target) {
    if (fs::path(target).filename() == kConfigFileName) refuse(target, "that is the name of the config file");
    for (const std::string& file : files.settings) {
        if (same_file(target, file)) refuse(target, "it is the config file, or belongs to it");
    }
    if (!files.database.empty() && same_file(target, files.database)) refuse(target, "it is the database");
    for (const std::string& file : files.beside) {
        if (same_file(target, file)) refuse(target, "it belongs to the database");
    }
    if (const std::string what = describe_database_file(target); !what.empty()) refuse(target, cat("it is ", what));
    if (is_in_store(target)) refuse(target, "its folder holds snapshots");
}

}  // namespace

namespace {

// "x.csv" says a format, though none that is known; "dump", "tmp.B7kQwZ3xN0" and "app.2024-01-31" do not.
bool says_unknown_format(const std::string& path) {
    const FixtureName known = split_fixture_name(path);
    if (known.format != nullptr) return false;
    const std::string extension = last_extension(known.stem);
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !extension.empty() && extension.size() <= 8 && is_letter(extension[0]) &&
           std::all_of(extension.begin(), extension.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace

ReplaceCheck protect_files(Session& session, bool with_database) {
    ProtectedFiles files;
    const Config& config = session.config();
    for (const std::string& file : {config.file, session.env_file()}) {
        if (!file.empty()) files.settings.push_back(file);
    }
    if (with_database) {
        files.database = session.location().file;
        files.beside = files_of(session.location());
    }
    return [files = std::move(files)](const std::string& target) { check_file(files, target); };
}

void check_target(const FixtureTarget& target, const ReplaceCheck& check) {
    if (!target.path.empty()) return check(follow_links(target.path));
    struct stat facts = {};
    if (::fstat(STDOUT_FILENO, &facts) != 0 || !S_ISREG(facts.st_mode)) return;
    std::error_code code;
    const fs::path path = fs::read_symlink("/proc/self/fd/1", code);
    if (!code) check(path.string());
}

std::string format_list() {
    std::string out;
    const std::vector<std::string> names = format_names();
    for (std::size_t i = 0; i < names.size(); ++i)
        append(out, cat(i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", names[i]));
    return out;
}

const Format& require_format(const std::string& name) {
    const Format* format = find_format(to_lower(name));
    if (format != nullptr) return *format;
    const std::string near = did_you_mean(name, format_names());
    throw Error(ErrorKind::kUsage, cat("unknown format ", quote(name)))
        .with_hint(near.empty() ? cat("formats are ", format_list()) : near);
}

FixtureTarget choose_target(const std::string& output, const std::string& format, std::string_view fallback,
                            std::string_view format_option) {
    FixtureTarget target;
    FixtureName name;
    if (!output.empty() && output != "-") {
        target.path = output;
        name = split_fixture_name(output);
    }
    target.compression = name.compression;
    if (format.empty() && !target.path.empty() && says_unknown_format(target.path)) target.ask_by = format_option;
    if (format.empty() && name.format != nullptr) {
        target.format = name.format;
    } else {
        target.format = &require_format(format.empty() ? std::string(fallback) : format);
    }
    return target;
}

std::unique_ptr<ByteSink> open_target(const FixtureTarget& target, const ReplaceCheck& check, Report& report) {
    if (!target.ask_by.empty()) {
        throw Error(ErrorKind::kUsage,
                    cat("the name of the output file ", quote(target.path, 200), " tells no known format"))
            .with_detail(cat("The formats are ", format_list(), "."))
            .with_hint(cat("give the file one of these extensions, or say the format with ", target.ask_by));
    }
    auto sink = target.path.empty() ? report.open_data() : open_file_sink(target.path, check);
    return open_encoded(std::move(sink), target.compression);
}

}  // namespace dbfixture
