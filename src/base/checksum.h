// SPDX-License-Identifier: MIT
// A fast 64-bit checksum of a stream of bytes, for noticing damage (not for keeping anyone from forging one).
//
//  1. The stream is cut into words of 8 bytes, dealt out in turn to 8 lanes. A lane's step can be undone (s = state ^
//     word, then s ^ s >> 32, then times an odd number), so two streams that differ in one word always differ.
//  2. At the end the lanes and the length are folded by the same kind of step. A single flipped bit is thus found with
//     certainty, anything else with a chance of 1 - 2^-64.
//
// Why not a library: CRCs of zlib and liblzma are five times slower, which would be most of the time of a restore, and
// xxHash would be one more package to need for these few lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dbfixture {

class Checksum {
  public:
    void update(std::string_view bytes) noexcept;
    // Of everything so far: 16 lower-case hex digits.
    std::string digest() const;
    std::uint64_t digest_number() const;

  private:
    void take_blocks(const char* at, std::size_t blocks) noexcept;

    static constexpr std::size_t kLanes = 8;
    static constexpr std::size_t kBlock = kLanes * 8;
    std::uint64_t lanes_[kLanes] = {1, 2, 3, 4, 5, 6, 7, 8};
    char held_[kBlock] = {};
    std::size_t held_size_ = 0;
    std::uint64_t size_ = 0;
};

}  // namespace dbfixture
