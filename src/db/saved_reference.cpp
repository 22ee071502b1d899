// SPDX-License-Identifier: MIT
#include "db/saved_reference.h"

#include <fcntl.h>

#include <filesystem>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::string_view kFirst = "dbfixture reference 1\n";
constexpr std::size_t kMostBytes = 1000;

std::string text_of(const SavedReference& reference) {
    return cat(kFirst, "kind ", name_of(reference.kind), "\nsystem ", reference.system, "\ndatabase ",
               reference.database, "\nobject ", reference.object, "\nend\n");
}

// Takes "NAME value\n" off.
std::optional<std::string> take(std::string_view& text, std::string_view name) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(cat(name, " "))) return std::nullopt;
    std::string value(text.substr(name.size() + 1, end - name.size() - 1));
    text.remove_prefix(end + 1);
    return value;
}

std::optional<SavedReference> parse(std::string_view text) {
    if (!text.starts_with(kFirst)) return std::nullopt;
    text.remove_prefix(kFirst.size());
    const auto kind = take(text, "kind"), system = take(text, "system"), database = take(text, "database"),
               object = take(text, "object");
    if (!kind || !system || !database || !object || text != "end\n") return std::nullopt;
    SavedReference out;
    const auto known = find_state_kind(*kind);
    if (!known || database->empty() || object->empty()) return std::nullopt;
    out.database = *database;
    out.kind = *known;
    out.system = *system;
    out.object = *object;
    return out;
}

// Nothing for a file that is larger than any reference.
std::optional<std::string> read_small(const std::string& path) {
    const PosixFile file(path, O_RDONLY);
    std::string text(kMostBytes + 1, '\0');
    text.resize(file.read_at(text.data(), text.size(), 0));
    if (text.size() > kMostBytes) return std::nullopt;
    return text;
}

}  // namespace

SavedReference read_saved_reference(const std::string& place) {
    const std::optional<std::string> text = read_small(place);
    if (const auto found = text ? parse(*text) : std::nullopt) return *found;
    throw Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged"))
        .with_detail("The file does not say where the server keeps it.");
}

void write_saved_reference(const std::string& place, const SavedReference& reference) {
    PosixFile file(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    file.write_at(text_of(reference), 0);
    file.sync();
    file.close();
    sync_folder(folder_of(place));
}

std::set<std::string> objects_named_in(const std::string& folder) {
    std::set<std::string> out;
    std::error_code failed;
    std::filesystem::directory_iterator files(folder, failed);
    if (failed == std::errc::no_such_file_or_directory) return out;
    if (failed) throw Error(ErrorKind::kFailure, cat("could not read folder ", quote(folder, 200)));
    for (const auto& entry : files) {
        if (!entry.is_regular_file()) continue;
        const std::optional<std::string> text = read_small(entry.path().string());
        if (const auto found = text ? parse(*text) : std::nullopt) out.insert(found->object);
    }
    return out;
}

}  // namespace dbfixture
