// SPDX-License-Identifier: MIT
// What an image has other than the one below it, as a file of blocks:
//
//     0      "dbfixture-blk-1\n"
//     16     bytes of the image, number of blocks: two 64-bit numbers, little-endian
//     4096   the blocks, of 4,096 bytes each; the image's last one is filled up with zeros
//     then   their numbers in the image, ascending, 32 bits each, little-endian
//
// Blocks do not depend on the database's page size. The checksum of the whole image is its manifest's to keep.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/posix_file.h"

namespace dbfixture::sqlite {

constexpr std::size_t kImageBlock = 4096;

constexpr std::uint64_t blocks_of(std::uint64_t bytes) {
    return (bytes + kImageBlock - 1) / kImageBlock;
}

class BlockWriter {
  public:
    // Makes the file, which must not exist (mode 0600). `syncs`: false where nobody needs it after a power cut.
    explicit BlockWriter(const std::string& path, bool syncs = true);
    // `bytes` is a block, or less at the end of the image. Numbers ascend.
    void add(std::uint32_t number, std::string_view bytes);
    std::uint64_t count() const { return numbers_.size(); }
    // Writes what is held, the numbers and the header, and syncs.
    void finish(std::uint64_t image_bytes);

  private:
    void flush();

    PosixFile file_;
    std::vector<std::uint32_t> numbers_;
    std::string held_;  // blocks not yet written
    std::uint64_t written_ = 0;
    bool syncs_;
};

struct BlockIndex {
    std::uint64_t image_bytes = 0;
    std::vector<std::uint32_t> numbers;  // the block in slot i
};

// Throws kInput unless the file is whole and says nothing that cannot be.
BlockIndex read_block_index(const PosixFile& file);
constexpr std::uint64_t block_offset(std::uint64_t slot) {
    return (slot + 1) * kImageBlock;
}

}  // namespace dbfixture::sqlite
