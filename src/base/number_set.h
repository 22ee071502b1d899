// SPDX-License-Identifier: MIT
// A set of 64-bit numbers that takes 11 to 22 bytes each: for hashes of millions of keys. Nothing is ever taken out.
#pragma once

#include <cstdint>
#include <vector>

namespace dbfixture {

class NumberSet {
  public:
    // False if it was there.
    bool insert(std::uint64_t number) {
        if (number == 0) {
            const bool is_new = !has_zero_;
            has_zero_ = true;
            return is_new;
        }
        if (4 * (count_ + 1) > 3 * slots_.size()) grow();
        if (!place(slots_, number)) return false;
        ++count_;
        return true;
    }

  private:
    static bool place(std::vector<std::uint64_t>& slots, std::uint64_t number) {
        std::size_t at = (number * 0x9E3779B97F4A7C15U) & (slots.size() - 1);
        while (slots[at] != 0) {
            if (slots[at] == number) return false;
            at = (at + 1) & (slots.size() - 1);
        }
        slots[at] = number;
        return true;
    }
    void grow() {
        std::vector<std::uint64_t> more(slots_.size() * 2);
        for (const std::uint64_t number : slots_) {
            if (number != 0) place(more, number);
        }
        slots_.swap(more);
    }

    std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1024);  // open addressing; 0 is free
    std::size_t count_ = 0;
    bool has_zero_ = false;
};

}  // namespace dbfixture
