// SPDX-License-Identifier: MIT
#include "db/sqlite/image_source.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/sqlite/image_blocks.h"

namespace dbfixture::sqlite {

ImageSource::ImageSource(const SavedState& image) : base_(image.place, O_RDONLY), solid_(base_.size()), bytes_(solid_) {
    for (const std::string& path : image.over)
        add_layer(path);
    if (bytes_ != image.bytes) {
        const std::string& last = image.over.empty() ? image.place : image.over.back();
        throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(last, 200), " is damaged"))
            .with_detail(cat("It has ", bytes_, " bytes, the manifest says ", image.bytes, "."));
    }
}

void ImageSource::add_layer(const std::string& path) {
    const auto layer = static_cast<std::uint32_t>(layers_.size());
    layers_.emplace_back(path, O_RDONLY);
    const BlockIndex index = read_block_index(layers_.back());
    bytes_ = index.image_bytes;
    solid_ = std::min(solid_, bytes_);
    std::vector<Block> merged;
    merged.reserve(blocks_.size() + index.numbers.size());
    auto old = blocks_.begin();
    for (std::uint32_t slot = 0; slot < index.numbers.size(); ++slot) {
        const std::uint32_t number = index.numbers[slot];
        for (; old != blocks_.end() && old->number < number; ++old)
            merged.push_back(*old);
        if (old != blocks_.end() && old->number == number) ++old;
        merged.push_back({number, layer, slot});
    }
    const std::uint64_t end = blocks_of(bytes_);  // rule 2
    std::copy_if(old, blocks_.end(), std::back_inserter(merged), [&](const Block& b) { return b.number < end; });
    blocks_ = std::move(merged);
}

void ImageSource::read_base(char* to, std::size_t size, std::uint64_t offset) const {
    const std::size_t there =
        offset < solid_ ? static_cast<std::size_t>(std::min<std::uint64_t>(size, solid_ - offset)) : 0;
    const std::size_t got = there > 0 ? base_.read_at(to, there, offset) : 0;
    std::memset(to + got, 0, size - got);
}

std::size_t ImageSource::read_at(char* to, std::size_t size, std::uint64_t offset) const {
    if (is_one_file()) return base_.read_at(to, size, offset);
    if (offset >= bytes_) return 0;
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes_ - offset));
    const std::uint64_t end = offset + size;
    auto block = std::lower_bound(blocks_.begin(), blocks_.end(), offset / kImageBlock,
                                  [](const Block& b, std::uint64_t number) { return b.number < number; });
    for (std::uint64_t at = offset; at < end;) {
        const std::uint64_t next = block == blocks_.end() ? end : std::uint64_t{block->number} * kImageBlock;
        if (at < next) {
            const std::uint64_t until = std::min(next, end);
            read_base(to + (at - offset), static_cast<std::size_t>(until - at), at);
            at = until;
            continue;
        }
        const std::uint64_t within = at - next;
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(kImageBlock - within, end - at));
        const PosixFile& file = layers_[block->layer];
        if (file.read_at(to + (at - offset), part, block_offset(block->slot) + within) != part) {
            throw Error(ErrorKind::kInput, cat("the file ", quote(file.path(), 200), " is cut short"));
        }
        at += part;
        ++block;
    }
    return size;
}

}  // namespace dbfixture::sqlite
