// SPDX-License-Identifier: MIT
// What a restore writes: the image's bytes, with page 1 as the live database is to have it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "db/sqlite/image_header.h"
#include "db/sqlite/image_source.h"

namespace dbfixture::sqlite {

class RestoreTarget {
  public:
    // `live` is the header of the database as it is. `image` must outlive it.
    RestoreTarget(const DatabaseHeader& live, const ImageSource& image, std::uint32_t schema_cookie)
        : live_(live), image_(image), cookie_(schema_cookie) {}

    std::uint64_t size() const { return image_.size(); }

    // Bytes [offset, offset + size) as far as the image reaches; valid until the next call. Offset 0 wants a whole
    // page. Throws kInput when the image has become shorter.
    std::string_view read(std::uint64_t offset, std::uint64_t size);

  private:
    DatabaseHeader live_;
    const ImageSource& image_;
    std::uint32_t cookie_;
    std::string buffer_;
};

// The page size that the first bytes of an image tell. Throws kInput if they do not begin a database.
std::uint32_t image_page_size(std::string_view start, const ImageSource& image);

}  // namespace dbfixture::sqlite
