// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <algorithm>

namespace dbfixture {

void Arena::grow(std::size_t need) {
    while (used_ < blocks_.size() && blocks_[used_].size < need) {
        blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(used_));
    }
    if (used_ == blocks_.size()) {
        const std::size_t size = std::max(need, kBlock);
        blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    }
    next_ = blocks_[used_].bytes.get();
    end_ = next_ + blocks_[used_].size;
    ++used_;
}

void Arena::clear() noexcept {
    std::erase_if(blocks_, [](const Block& block) { return block.size > kBlock; });
    used_ = 0;
    next_ = end_ = nullptr;
}

}  // namespace dbfixture
