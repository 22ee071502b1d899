// SPDX-License-Identifier: MIT
#include "db/mariadb/block_digest.h"

#include <charconv>
#include <cstring>

namespace dbfixture::mariadb {
namespace {

// A block has 256 rows in the mean: some hundred changes that lie apart then have some ten thousand rows compared, and
// a million rows take 128 kB of digests.
constexpr std::uint64_t kEnd = 255;
constexpr std::uint64_t kMostRows = 4096;

}  // namespace

BlockDigest BlockDigest::of(std::string_view bytes) {
    BlockDigest out;
    out.known = bytes.size() == kBytes && bytes.find_first_not_of('\0') != std::string_view::npos;
    if (out.known) std::memcpy(out.lanes.data(), bytes.data(), kBytes);
    return out;
}

BlockDigest BlockDigest::of_digits(std::string_view digits) {
    BlockDigest out;
    out.known = digits.size() == 2 * kBytes;
    for (std::size_t lane = 0; out.known && lane < out.lanes.size(); ++lane) {
        const char* const from = digits.data() + lane * 16;
        out.known = std::from_chars(from, from + 16, out.lanes[lane], 16).ptr == from + 16;
    }
    return out;
}

std::string BlockDigest::bytes() const {
    std::string out(kBytes, '\0');
    if (known) std::memcpy(out.data(), lanes.data(), kBytes);
    return out;
}

BlockDigest& BlockDigest::operator+=(const BlockDigest& other) {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
        lanes[lane] += other.lanes[lane];
    known = known && other.known;
    return *this;
}

BlockDigest& BlockDigest::operator-=(const BlockDigest& other) {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
        lanes[lane] -= other.lanes[lane];
    known = known && other.known;
    return *this;
}

BlockDigest total_of(std::span<const BlockDigest> blocks) {
    BlockDigest out;
    for (const BlockDigest& block : blocks)
        out += block;
    return out;
}

void BlockCutter::add(const BlockDigest& row, std::string_view key) {
    if (block_.rows == 0) block_.first = key;
    block_.last = key;
    block_.digest += row;
    ++block_.rows;
    if ((row.known && (row.lanes[0] & kEnd) == 0) || block_.rows == kMostRows) end();
}

void BlockCutter::end() {
    if (block_.rows == 0) return;
    take_(block_);
    block_.digest = {};
    block_.rows = 0;
}

BlockComparison::BlockComparison(std::span<const BlockDigest> saved) : saved_(saved) {
    places_.reserve(saved.size());
    for (std::size_t place = 0; place < saved.size(); ++place) {
        if (saved[place].known) places_.emplace(saved[place].lanes[0], place);
    }
}

void BlockComparison::take(const RowBlock& block) {
    const auto found = places_.find(block.digest.lanes[0]);
    const bool known = found != places_.end() && found->second >= next_ && saved_[found->second].same_as(block.digest);
    if (!known) {
        open_ = true;
        return;
    }
    if (open_ || found->second != next_) different_.push_back({last_, block.first});
    open_ = false;
    next_ = found->second + 1;
    last_ = block.last;
}

void BlockComparison::end() {
    if (open_ || next_ != saved_.size()) different_.push_back({last_, std::nullopt});
}

}  // namespace dbfixture::mariadb
