// SPDX-License-Identifier: MIT
#include "db/sqlite/image_blocks.h"

#include <fcntl.h>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

constexpr std::string_view kMagic = "dbfixture-blk-1\n";
constexpr std::size_t kHeader = 32;
constexpr std::size_t kHeldMost = std::size_t{1} << 20;

template <typename Number>
void put(std::string& to, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i)
        to += static_cast<char>(number >> (8 * i) & 0xFFU);
}

template <typename Number>
Number take(std::string_view from, std::size_t at) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
        number |= static_cast<Number>(static_cast<unsigned char>(from[at + i])) << (8 * i);
    return number;
}

[[noreturn]] void throw_damaged(const PosixFile& file) {
    throw Error(ErrorKind::kInput, cat("the file ", quote(file.path(), 200), " is damaged"))
        .with_detail("It does not hold the blocks that it says it does.");
}

}  // namespace

BlockWriter::BlockWriter(const std::string& path, bool syncs)
    : file_(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600), syncs_(syncs) {}

void BlockWriter::add(std::uint32_t number, std::string_view bytes) {
    numbers_.push_back(number);
    held_ += bytes;
    held_.append(kImageBlock - bytes.size(), '\0');
    if (held_.size() >= kHeldMost) flush();
}

void BlockWriter::flush() {
    file_.write_at(held_, block_offset(0) + written_);
    written_ += held_.size();
    held_.clear();
}

void BlockWriter::finish(std::uint64_t image_bytes) {
    flush();
    for (const std::uint32_t number : numbers_)
        put(held_, number);
    flush();
    std::string header(kMagic);
    put(header, image_bytes);
    put(header, std::uint64_t{numbers_.size()});
    file_.write_at(header, 0);
    if (numbers_.empty()) file_.truncate(block_offset(0));
    if (syncs_) file_.sync();
    file_.close();
}

BlockIndex read_block_index(const PosixFile& file) {
    std::string header(kHeader, '\0');
    if (file.read_at(header.data(), kHeader, 0) != kHeader || !header.starts_with(kMagic)) throw_damaged(file);
    BlockIndex index{.image_bytes = take<std::uint64_t>(header, kMagic.size()), .numbers = {}};
    const auto count = take<std::uint64_t>(header, kMagic.size() + 8);
    const std::uint64_t all = blocks_of(index.image_bytes);
    if (count > all || file.size() != block_offset(count) + count * 4) throw_damaged(file);
    std::string numbers(static_cast<std::size_t>(count) * 4, '\0');
    if (file.read_at(numbers.data(), numbers.size(), block_offset(count)) != numbers.size()) throw_damaged(file);
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = take<std::uint32_t>(numbers, i * 4);
        if (number >= all || (i > 0 && number <= index.numbers.back())) throw_damaged(file);
        index.numbers.push_back(number);
    }
    return index;
}

}  // namespace dbfixture::sqlite
