// SPDX-License-Identifier: MIT
#include "base/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dbfixture {
namespace {

constexpr std::uint64_t kOdd = 0x9E3779B185EBCA87;

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
    state ^= word;
    return (state ^ state >> 32) * kOdd;
}

std::uint64_t word_at(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

}  // namespace

void Checksum::take_blocks(const char* at, std::size_t blocks) noexcept {
    std::uint64_t lanes[kLanes];
    std::memcpy(lanes, lanes_, sizeof lanes);
    for (; blocks > 0; --blocks, at += kBlock) {
        for (std::size_t i = 0; i < kLanes; ++i)
            lanes[i] = mix(lanes[i], word_at(at + 8 * i));
    }
    std::memcpy(lanes_, lanes, sizeof lanes);
}

void Checksum::update(std::string_view bytes) noexcept {
    size_ += bytes.size();
    if (held_size_ > 0) {
        const std::size_t take = std::min(bytes.size(), kBlock - held_size_);
        std::memcpy(held_ + held_size_, bytes.data(), take);
        held_size_ += take;
        bytes.remove_prefix(take);
        if (held_size_ < kBlock) return;
        take_blocks(held_, 1);
        held_size_ = 0;
    }
    const std::size_t blocks = bytes.size() / kBlock;
    take_blocks(bytes.data(), blocks);
    bytes.remove_prefix(blocks * kBlock);
    if (!bytes.empty()) std::memcpy(held_, bytes.data(), bytes.size());
    held_size_ = bytes.size();
}

std::uint64_t Checksum::digest_number() const {
    Checksum last = *this;
    std::memset(last.held_ + held_size_, 0, kBlock - held_size_);
    last.take_blocks(last.held_, 1);
    std::uint64_t state = mix(kOdd, size_);
    for (const std::uint64_t lane : last.lanes_)
        state = mix(state, lane);
    state = mix(mix(state, 0), 0);
    state ^= state >> 32;
    return state;
}

std::string Checksum::digest() const {
    std::uint64_t state = digest_number();
    std::string out(16, '0');
    for (std::size_t i = 16; i-- > 0; state >>= 4)
        out[i] = "0123456789abcdef"[state & 15];
    return out;
}

}  // namespace dbfixture
