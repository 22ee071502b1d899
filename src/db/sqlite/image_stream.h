// SPDX-License-Identifier: MIT
// Reads an image once from front to back, and sums it up if asked to. A large file is read ahead on a second thread, so
// that checking it costs a restore almost no time.
#pragma once

#include <cstdint>
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
    enum class Sum : bool { kNone, kWhole };

    // `image` must outlive it. Throws kInput where a file of it is cut short.
    explicit ImageStream(const ImageSource& image, Sum sum = Sum::kWhole);
    ImageStream(const ImageStream&) = delete;
    ImageStream& operator=(const ImageStream&) = delete;
    ~ImageStream();

    // The next piece, valid until the next call; empty after the last.
    std::string_view next();
    // Of the whole image, with kWhole; call after the last piece.
    std::string checksum() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace dbfixture::sqlite
