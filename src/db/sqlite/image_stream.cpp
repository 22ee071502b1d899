// SPDX-License-Identifier: MIT
#include "db/sqlite/image_stream.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "base/work.h"

namespace dbfixture::sqlite {

// A ring of kRing pieces: `filled` counts those read, `taken` those that the caller has asked for. The piece that the
// caller looks at is not refilled before it asks for the next. A reader that found the ring full waits until half of it
// is free, so that the threads do not wake each other for every piece. Without a thread one piece is enough: memory
// that is touched for the first time costs as much as comparing it.
struct ImageStream::Parts {
    static constexpr std::size_t kRing = 4;  // of a large image
    static constexpr std::uint64_t kThreadFrom = std::uint64_t{4} << 20;

    std::uint64_t bytes;
    Read read;
    std::uint64_t pieces;
    Checksum sum;
    std::vector<std::unique_ptr<char[]>> ring;

    std::thread reader;
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t filled = 0;
    std::uint64_t taken = 0;
    bool stop = false;
    std::exception_ptr failure;

    std::size_t piece_size(std::uint64_t piece) const {
        return static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, bytes - piece * kPiece));
    }

    void fill(std::uint64_t piece) {
        char* const to = ring[piece % ring.size()].get();
        const std::size_t want = piece_size(piece);
        read(to, want, piece * kPiece);
        sum.update({to, want});
    }

    void read_ahead() noexcept {
        try {
            for (std::uint64_t piece = 0; piece < pieces; ++piece) {
                {
                    std::unique_lock lock(mutex);
                    // `taken` counts the piece being looked at, which must stay.
                    if (piece + 1 >= taken + kRing)
                        changed.wait(lock, [&] { return stop || piece + 1 < taken + kRing / 2; });
                    if (stop) return;
                }
                fill(piece);
                const std::lock_guard lock(mutex);
                filled = piece + 1;
                changed.notify_all();
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            changed.notify_all();
        }
    }
};

ImageStream::ImageStream(const ImageSource& image)
    : ImageStream(image.size(), [&image](char* to, std::size_t size, std::uint64_t offset) {
          add_work(image.work(), size);
          if (image.read_at(to, size, offset) != size)
              throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(image.path(), 200), " is cut short"));
      }) {}

ImageStream::ImageStream(std::uint64_t bytes, Read read)
    : parts_(new Parts{.bytes = bytes,
                       .read = std::move(read),
                       .pieces = (bytes + kPiece - 1) / kPiece,
                       .sum = {},
                       .ring = {},
                       .reader = {},
                       .mutex = {},
                       .changed = {},
                       .failure = {}}) {
    const bool large = bytes >= Parts::kThreadFrom;
    parts_->ring.resize(large ? Parts::kRing : 1);
    for (auto& piece : parts_->ring)
        piece.reset(new char[kPiece]);  // as it comes, not cleared
    if (!large) return;
    try {
        parts_->reader = std::thread([parts = parts_.get()] { parts->read_ahead(); });
    } catch (const std::system_error&) {
        // Without a thread next() reads.
    }
}

ImageStream::~ImageStream() {
    if (!parts_->reader.joinable()) return;
    {
        const std::lock_guard lock(parts_->mutex);
        parts_->stop = true;
        parts_->changed.notify_all();
    }
    parts_->reader.join();
}

std::string_view ImageStream::next() {
    Parts& p = *parts_;
    if (p.taken == p.pieces) return {};
    const std::uint64_t piece = p.taken;
    if (!p.reader.joinable()) {
        p.fill(piece);
        p.taken = piece + 1;
    } else {
        std::unique_lock lock(p.mutex);
        p.taken = piece + 1;
        p.changed.notify_all();
        p.changed.wait(lock, [&] { return p.filled > piece || p.failure; });
        if (p.filled <= piece) std::rethrow_exception(p.failure);
    }
    return {p.ring[piece % p.ring.size()].get(), p.piece_size(piece)};
}

std::string ImageStream::checksum() const {
    return parts_->sum.digest();
}

}  // namespace dbfixture::sqlite
