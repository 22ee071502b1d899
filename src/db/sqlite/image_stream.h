// SPDX-License-Identifier: MIT
// Reads an image once from front to back and sums it up. A large file is read ahead on a second thread, so that
// checking it costs a restore almost no time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "db/sqlite/image_source.h"

namespace dbfixture::sqlite {

class ImageStream {
  public:
    // Size of the pieces, a multiple of every page size.
    static constexpr std::size_t kPiece = std::size_t{256} * 1024;

    // `image` must outlive it. Throws kInput where a file of it is cut short.
    explicit ImageStream(const ImageSource& image);
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
