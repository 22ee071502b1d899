// SPDX-License-Identifier: MIT
#include "state/temp_copy.h"

#include <fcntl.h>

#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/io.h"
#include "base/lists.h"
#include "base/storage.h"
#include "base/text.h"
#include "db/private_copy.h"

namespace dbfixture {
namespace {

constexpr std::uint64_t kSpare = std::uint64_t{1} << 20;

std::string megabytes(std::uint64_t bytes) {
    constexpr std::uint64_t kMega = 1000 * 1000;
    return cat((bytes + kMega - 1) / kMega, " MB");
}

// Nothing if there is no room; `problem` then says so.
std::optional<TempCopy> try_in(const std::string& base, const TempCopyRequest& request, std::string& problem) {
    const bool in_memory = is_in_memory(base);
    const std::uint64_t size = request.source.empty() ? 0 : room_for_copy(*request.engine, request.source);
    const std::uint64_t wanted = in_memory ? 3 * size + kSpare : 2 * size + kSpare;
    if (const std::uint64_t free = free_bytes(base); free < wanted) {
        problem = cat(quote(base, 200), " has ", megabytes(free), " of the ", megabytes(wanted), " needed");
        return std::nullopt;
    }
    std::optional<TempFolder> folder;
    try {
        folder.emplace(TempFolder::make(base, request.mark));
    } catch (const Error& error) {
        problem = error.message;
        return std::nullopt;
    }
    const std::string path = cat(folder->path(), "/", request.name);
    PosixFile file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!request.source.empty() && !set_room_aside(*request.engine, request.source, file)) {
        problem = cat(quote(base, 200), " is full");
        return std::nullopt;
    }
    file.close();
    return TempCopy{std::move(*folder), path, request.engine, in_memory, size};
}

}  // namespace

std::string read_schema(const std::string& path) {
    const auto source = open_file_source(path);
    std::string text;
    std::size_t got = 0;
    do {
        constexpr std::size_t kPiece = 64 * 1024;
        const std::size_t size = text.size();
        text.resize(size + kPiece);
        got = source->read(text.data() + size, kPiece);
        text.resize(size + got);
    } while (got > 0);
    return text;
}

TempCopy make_temp_copy(const TempCopyRequest& request) {
    const std::string sql = request.schema.empty() ? "" : read_schema(request.schema);
    std::vector<std::string> problems;
    for (const std::string& base : temp_bases(problems)) {
        if (request.on_disk && is_in_memory(base)) continue;
        std::string problem;
        std::optional<TempCopy> copy = try_in(base, request, problem);
        if (!copy) {
            problems.push_back(problem);
            continue;
        }
        if (request.source.empty()) {
            create_from_sql(*request.engine, copy->file, sql, request.schema);
        } else {
            fill_copy(*request.engine, request.source, request.like, copy->file, request.busy_timeout_ms);
        }
        return std::move(*copy);
    }
    throw Error(ErrorKind::kFailure, cat("there is no place for a copy of ", quote(request.name, 200)))
        .with_detail(cat(join(problems, "; "), "."))
        .with_hint(
            "set TMPDIR to a folder with room, of which the path has letters, digits, \".\", \"_\" and \"-\" only");
}

}  // namespace dbfixture
