// SPDX-License-Identifier: MIT
// Whether rows are those that were saved, told by digests of blocks of them, without the saved rows.
//
//  1. A row's digest is the SHA-256 of all of its values, which the server makes (saved_scan.h). That of rows together
//     is the sum of theirs, as four numbers of 64 bits: their order does not matter, and what a change takes away or
//     brings can be counted off and on. Rows differ by their keys, so no two of a table have the same digest.
//  2. Blocks are rows behind one another in key order, and a row's own digest says whether it is the last of its block:
//     a row that comes or goes changes the block that it is in, and no other one.
//  3. A block is known by its digest alone. What lies between known blocks that followed one another is different, as a
//     range of keys from the last one of the block before to the first one of the block after.
//  4. A row that the server makes no digest of (it is too long for that) makes all that it is in unknown, which equals
//     nothing, not even itself.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dbfixture::mariadb {

struct BlockDigest {
    static constexpr std::size_t kBytes = 32;

    std::array<std::uint64_t, kBytes / 8> lanes{};
    bool known = true;

    // Of kBytes bytes; all zeros are what is unknown.
    static BlockDigest of(std::string_view bytes);
    // Of twice as many hexadecimal digits; anything else is unknown.
    static BlockDigest of_digits(std::string_view digits);
    std::string bytes() const;
    BlockDigest& operator+=(const BlockDigest& other);
    BlockDigest& operator-=(const BlockDigest& other);
    // Never true for what is unknown.
    bool same_as(const BlockDigest& other) const { return known && other.known && lanes == other.lanes; }
};

// Of all rows; of no rows where there are no blocks.
BlockDigest total_of(std::span<const BlockDigest> blocks);

struct RowBlock {
    BlockDigest digest{};
    std::uint64_t rows = 0;
    std::string first{}, last{};  // keys, as they were given
};

// Makes blocks of rows that come in key order.
class BlockCutter {
  public:
    explicit BlockCutter(std::function<void(const RowBlock&)> take) : take_(std::move(take)) {}
    void add(const BlockDigest& row, std::string_view key);
    void end();

  private:
    std::function<void(const RowBlock&)> take_;
    RowBlock block_;
};

// Both ends belong to it; nothing: it has no end there.
struct KeyRange {
    std::optional<std::string> from{}, to{};
    bool operator==(const KeyRange&) const = default;
};

// Rule 3.
class BlockComparison {
  public:
    explicit BlockComparison(std::span<const BlockDigest> saved);
    void take(const RowBlock& block);
    void end();
    // Whatever lies outside of them is as it was saved.
    const std::vector<KeyRange>& different() const { return different_; }

  private:
    std::unordered_map<std::uint64_t, std::size_t> places_{};  // by the first lane
    std::span<const BlockDigest> saved_;
    std::size_t next_ = 0;  // of the saved blocks
    bool open_ = false;     // rows behind the last known block are different
    std::optional<std::string> last_{};
    std::vector<KeyRange> different_{};
};

}  // namespace dbfixture::mariadb
