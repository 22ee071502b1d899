// SPDX-License-Identifier: MIT
// The bytes of an image, whether they lie in one file or in a base file and block files over it (image_blocks.h).
//
//  1. A byte is that of the last block file that holds its block; else the base's; else 0.
//  2. An image may be shorter than what lies below it. What was cut off there does not come back when a later block
//     file makes the image longer again: it is 0 until a block says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/posix_file.h"
#include "db/states.h"

namespace dbfixture::sqlite {

class ImageSource {
  public:
    // Opens all files of the image. Throws kNotFound for one that is gone, kInput for one that cannot be what the
    // manifest names; the contents are not looked at.
    explicit ImageSource(const SavedState& image);

    // Of the base: what messages name.
    const std::string& path() const { return base_.path(); }
    std::uint64_t size() const { return bytes_; }
    bool is_one_file() const { return layers_.empty(); }
    // Where whoever reads it to the end, or restores it, counts that; nullptr: nowhere.
    void watch(WorkCount* work) { work_ = work; }
    WorkCount* work() const { return work_; }
    // How many bytes there were: fewer than `size` only at the end of the image. May be called by several threads.
    std::size_t read_at(char* to, std::size_t size, std::uint64_t offset) const;

  private:
    struct Block {
        std::uint32_t number;  // of the image
        std::uint32_t layer;
        std::uint32_t slot;  // in the layer's file
    };
    void add_layer(const std::string& path);
    void read_base(char* to, std::size_t size, std::uint64_t offset) const;

    PosixFile base_;
    std::uint64_t solid_ = 0;  // so many bytes of the base count
    std::uint64_t bytes_ = 0;
    std::vector<PosixFile> layers_;
    std::vector<Block> blocks_;  // by number
    WorkCount* work_ = nullptr;
};

}  // namespace dbfixture::sqlite
