// SPDX-License-Identifier: MIT
// Reads an image file once from front to back and sums it up. A large file is read ahead on a second thread, so that
// checking it costs a restore almost no time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/posix_file.h"

namespace dbfixture::sqlite {

class ImageStream {
  public:
    // Size of the pieces, a multiple of every page size.
    static constexpr std::size_t kPiece = std::size_t{256} * 1024;

    // `file` must stay open, and is only read. Exactly `size` bytes are read; a shorter file throws kInput.
    ImageStream(const PosixFile& file, std::uint64_t size);
    ImageStream(const ImageStream&) = delete;
    ImageStream& operator=(const ImageStream&) = delete;
    ~ImageStream();

    // The next piece, valid until the next call; empty after the last.
    std::string_view next();
    // Of the whole file; call after the last piece.
    std::string checksum() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace dbfixture::sqlite
