// SPDX-License-Identifier: MIT
#include "db/sqlite/restore_target.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::sqlite {

std::uint32_t image_page_size(std::string_view start, const ImageSource& image) {
    const auto header = parse_header(start);
    if (!header) {
        throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(image.path(), 200), " is not a database"));
    }
    return header->page_size;
}

std::string_view RestoreTarget::read(std::uint64_t offset, std::uint64_t size) {
    size = std::min(size, image_.size() - offset);
    buffer_.resize(static_cast<std::size_t>(size));
    if (image_.read_at(buffer_.data(), buffer_.size(), offset) != buffer_.size()) {
        throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(image_.path(), 200), " is cut short"));
    }
    if (offset == 0) {
        const std::uint32_t page_size = image_page_size(buffer_, image_);
        set_wal(buffer_.data(), live_.wal);
        set_change_counter(buffer_.data(), live_.change_counter + 1);
        set_schema_cookie(buffer_.data(), cookie_);
        set_page_count(buffer_.data(), static_cast<std::uint32_t>(image_.size() / page_size));
    }
    return buffer_;
}

}  // namespace dbfixture::sqlite
