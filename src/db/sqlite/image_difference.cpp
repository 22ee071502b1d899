// SPDX-License-Identifier: MIT
#include "db/sqlite/image_difference.h"

#include <fcntl.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/new_file_guard.h"
#include "base/posix_file.h"
#include "base/work.h"
#include "db/sqlite/image_blocks.h"
#include "db/sqlite/image_header.h"
#include "db/sqlite/image_source.h"
#include "db/sqlite/image_stream.h"
#include "db/sqlite/image_write.h"
#include "db/sqlite/read_source.h"
#include "db/sqlite/restore_lock.h"
#include "db/sqlite/restore_pages.h"

namespace dbfixture::sqlite {
namespace {

// The pages of one state, as an image has them.
struct NewState {
    std::function<void(char* to, std::size_t size, std::uint64_t offset)> read;
    std::uint64_t bytes = 0;
    DatabaseHeader header;
};

bool all_zero(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// Whether the block is what lies below, where nothing is zeros.
bool same_block(std::string_view block, std::string_view below) {
    const std::size_t common = std::min(block.size(), below.size());
    return std::memcmp(block.data(), below.data(), common) == 0 && all_zero(block.substr(common));
}

// The bytes of the image of `state`, in ascending order.
ImageStream image_of(const NewState& state) {
    return ImageStream(state.bytes, [&state](char* to, std::size_t size, std::uint64_t offset) {
        state.read(to, size, offset);
        if (offset > 0) return;
        set_wal(to, false);
        set_change_counter(to, state.header.change_counter);
        set_page_count(to, static_cast<std::uint32_t>(state.bytes / state.header.page_size));
    });
}

// Writes the blocks that differ; returns the checksum of the whole. Nothing by rule 3.
std::optional<std::string> write_blocks(const NewState& state, const ImageSource& below, BlockWriter& writer,
                                        WorkCount* work) {
    begin_work(work, "comparing", state.bytes);
    ImageStream stream = image_of(state);
    const std::unique_ptr<char[]> buffer(new char[ImageStream::kPiece]);  // not cleared
    std::uint64_t offset = 0;
    for (std::string_view piece = stream.next(); !piece.empty(); offset += piece.size(), piece = stream.next()) {
        check_interrupt();
        add_work(work, piece.size());
        const std::string_view old(buffer.get(), below.read_at(buffer.get(), piece.size(), offset));
        if (old == piece && state.bytes % kImageBlock == 0) continue;
        for (std::size_t at = 0; at < piece.size(); at += kImageBlock) {
            const std::string_view block = piece.substr(at, kImageBlock);
            const std::string_view same = at < old.size() ? old.substr(at, kImageBlock) : std::string_view();
            // Of a block that is cut off, what lies below is cut off too (image_source.h, 2).
            if (block.size() == kImageBlock && same_block(block, same)) continue;
            writer.add(static_cast<std::uint32_t>((offset + at) / kImageBlock), block);
        }
        if (writer.count() > blocks_of(state.bytes) / 2) return std::nullopt;
    }
    writer.finish(state.bytes);
    return stream.checksum();
}

// Named as whoever keeps states names what is on its way (state/store_folder.h), so that it is cleaned up after a kill.
std::string temporary_beside(const std::string& target) {
    return cat(folder_of(target), "/.dbfixture-", target.substr(target.rfind('/') + 1), ".tmp");
}

// The log becomes part of the file where no reader needs it.
ReadSource open_with_short_log(const std::string& database, ReadSource source, int busy_timeout_ms) {
    if (source.without_lock || !uses_wal(source.handle) || file_size_or_zero(source.handle.wal_path()) == 0)
        return source;
    source.handle.close();
    try {
        ImageHandle writer(database, HandleMode::kReadWrite, 0);
        sqlite3_wal_checkpoint_v2(writer.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        writer.leave_wal();
    } catch (const Error&) {  // where it cannot be written it is read as it is
    }
    return open_read_source(database, busy_timeout_ms);
}

StateSaveReport nothing_differs(const ReadSource& source, const SavedState& below, const std::string& target,
                                bool syncs) {
    BlockWriter writer(target, syncs);
    NewFileGuard file(target);
    writer.finish(below.bytes);
    StateSaveReport report;
    report.state = below;
    report.state.over.push_back(target);
    report.state.mode = source.facts.st_mode & 07777U;
    report.stamp = source.stamp;
    file.keep();
    return report;
}

}  // namespace

StateSaveReport write_difference(const std::string& database, const SavedState& below, const std::string& stamp,
                                 const std::string& target, int busy_timeout_ms, bool syncs, WorkCount* work) {
    ReadSource source = open_read_source(database, busy_timeout_ms);
    if (!stamp.empty() && source.stamp == stamp) return nothing_differs(source, below, target, syncs);
    source = open_with_short_log(database, std::move(source), busy_timeout_ms);
    const std::string path = source.handle.path();
    const LiveFile live = look_at_live_file(source.handle.file(), path, source.handle.journal_path());
    const bool in_log = uses_wal(source.handle) && file_size_or_zero(source.handle.wal_path()) > 0;
    if (live.pages == 0 && !in_log) return write_image_file(database, target, busy_timeout_ms, syncs, work);

    const std::string copy = temporary_beside(target);
    std::optional<NewFileGuard> copy_guard;
    std::optional<PosixFile> copied;
    NewState state{.read = {}, .bytes = std::uint64_t{live.pages} * live.header.page_size, .header = live.header};
    if (in_log) {
        PosixFile(copy, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        copy_guard.emplace(copy);
        copy_by_backup(source.handle, copy, busy_timeout_ms, work);
        copied.emplace(copy, O_RDONLY);
        state.bytes = copied->size();
        char start[kHeaderSize] = {};
        const auto header = parse_header({start, copied->read_at(start, sizeof start, 0)});
        if (!header) throw Error(ErrorKind::kInput, "the database has no valid header");
        state.header = *header;
        state.read = [&](char* to, std::size_t size, std::uint64_t at) { copied->read_at(to, size, at); };
    } else {
        state.read = [&](char* to, std::size_t size, std::uint64_t at) { read_live(live, to, size, at); };
    }
    StateSaveReport report;
    report.state = below;
    BlockWriter writer(target, syncs);
    std::optional<NewFileGuard> file(target);
    const auto checksum = write_blocks(state, ImageSource(below), writer, work);
    if (!checksum) {
        file.reset();
        return write_image_file(database, target, busy_timeout_ms, syncs, work);
    }
    require_unchanged(source, path);
    report.state.over.push_back(target);
    report.state.bytes = state.bytes;
    report.state.checksum = *checksum;
    report.state.mode = source.facts.st_mode & 07777U;
    report.stamp = source.stamp;
    file->keep();
    return report;
}

}  // namespace dbfixture::sqlite
