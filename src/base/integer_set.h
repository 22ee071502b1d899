// SPDX-License-Identifier: MIT
// A set of 64-bit integers for keys, which mostly lie close together: a bit for each of the 4,096 about one of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace dbfixture {

class IntegerSet {
  public:
    void insert(std::int64_t number) {
        const auto bits = static_cast<std::uint64_t>(number);
        pages_[bits >> 12][bits >> 6 & 63] |= std::uint64_t{1} << (bits & 63);
    }
    // Whether all of `other` are in this set.
    bool contains(const IntegerSet& other) const {
        return std::ranges::all_of(other.pages_, [this](const auto& theirs) {
            const auto ours = pages_.find(theirs.first);
            if (ours == pages_.end()) return false;
            for (std::size_t at = 0; at < theirs.second.size(); ++at) {
                if ((theirs.second[at] & ~ours->second[at]) != 0) return false;
            }
            return true;
        });
    }
    std::size_t bytes() const { return pages_.size() * (sizeof(Bits) + 32); }  // about
    void clear() { pages_.clear(); }

  private:
    using Bits = std::array<std::uint64_t, 64>;
    std::unordered_map<std::uint64_t, Bits> pages_;  // by the highest 52 bits
};

}  // namespace dbfixture
