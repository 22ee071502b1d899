// SPDX-License-Identifier: MIT
#include "output.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "fixture/codec/codec.h"
#include "progress.h"

namespace dbfixture {
namespace {

// Takes the last extension off `name`, without the dot, lower case; "" if there is none.
std::string take_extension(std::string& name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot == 0) return {};
    std::string extension = to_lower(name.substr(dot + 1));
    name.erase(dot);
    return extension;
}

}  // namespace

namespace {

// "x.csv" says a format, though none that is known; "dump", "tmp.B7kQwZ3xN0" and "app.2024-01-31" do not.
bool says_unknown_format(const std::string& path) {
    const FixtureExtensions known = extensions_of(path);
    if (!known.format.empty()) return false;
    std::string name = std::filesystem::path(path).filename().string();
    std::string extension = take_extension(name);
    if (!known.compression.empty()) extension = take_extension(name);
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !extension.empty() && extension.size() <= 8 && is_letter(extension[0]) &&
           std::all_of(extension.begin(), extension.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace

FixtureExtensions extensions_of(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    FixtureExtensions out;
    out.format = take_extension(name);
    if (find_codec(out.format) != nullptr) {
        out.compression = out.format;
        out.format = take_extension(name);
    }
    if (find_format(out.format) == nullptr) out.format.clear();
    return out;
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
    FixtureExtensions extensions;
    if (!output.empty() && output != "-") {
        target.path = output;
        extensions = extensions_of(output);
    }
    target.compression = extensions.compression;
    if (format.empty() && !target.path.empty() && says_unknown_format(target.path)) target.ask_by = format_option;
    const std::string by_name = extensions.format.empty() ? std::string(fallback) : extensions.format;
    target.format = &require_format(format.empty() ? by_name : format);
    return target;
}

std::unique_ptr<ByteSink> open_target(const FixtureTarget& target, Report& report) {
    if (!target.ask_by.empty()) {
        throw Error(ErrorKind::kUsage,
                    cat("the name of the output file ", quote(target.path, 200), " tells no known format"))
            .with_detail(cat("The formats are ", format_list(), "."))
            .with_hint(cat("give the file one of these extensions, or say the format with ", target.ask_by));
    }
    auto sink = target.path.empty() ? open_descriptor_sink(STDOUT_FILENO, "<stdout>") : open_file_sink(target.path);
    return count_written(open_encoded(std::move(sink), target.compression), report);
}

}  // namespace dbfixture
