// SPDX-License-Identifier: MIT
// Reads an image once from front to back and sums it up. A large one is read ahead on a second thread, so that checking
// it costs a restore almost no time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "db/sqlite/image_source.h"

namespace dbfixture::sqlite {

class ImageStream {
  public:
    // Size of the pieces, a multiple of every page size. Larger ones leave the cache before they are looked at: pieces
    // of 256 KiB took 2.8 times as long to read.
    static constexpr std::size_t kPiece = std::size_t{64} * 1024;
    // Fills `to` with `size` bytes from `offset` on, or throws. Called by one thread at a time, with ascending offsets.
    using Read = std::function<void(char* to, std::size_t size, std::uint64_t offset)>;

    // `image` must outlive it. Throws kInput where a file of it is cut short.
    explicit ImageStream(const ImageSource& image);
    // An image of `bytes` that only `read` knows; what it uses is its own until the stream is gone.
    ImageStream(std::uint64_t bytes, Read read);
    ImageStream(const ImageStream&) = delete;
    ImageStream& operator=(const ImageStream&) = delete;
    ~ImageStream();

    // The next piece, valid until the next call; empty after the last.
    std::string_view next();
    // Of the whole image; call after the last piece.
    std::string checksum() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace dbfixture::sqlite
