// SPDX-License-Identifier: MIT
// Bump allocator for the text and the lists of a record or a batch of rows. Addresses stay valid until clear(); clear()
// keeps the memory for the next use, so a stream of records allocates only until the largest has been seen.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dbfixture {

class Arena {
  public:
    // Uninitialised bytes, aligned to 8.
    char* allocate(std::size_t size) {
        size = (size + 7) & ~std::size_t{7};
        if (size > static_cast<std::size_t>(end_ - next_)) grow(size);
        char* out = next_;
        next_ += size;
        return out;
    }

    std::string_view copy(std::string_view text) {
        if (text.empty()) return "";
        char* to = allocate(text.size());
        std::memcpy(to, text.data(), text.size());
        return {to, text.size()};
    }

    // `count` of them, each as T() makes it. Never nullptr, not even for none.
    template <typename T>
    T* make(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
        auto* const first = reinterpret_cast<T*>(allocate(sizeof(T) * std::max<std::size_t>(count, 1)));
        std::uninitialized_value_construct_n(first, count);
        return first;
    }

    // Invalidates everything handed out. Blocks are kept while they are of ordinary size; an outsized one is given
    // back.
    void clear() noexcept;

  private:
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };
    void grow(std::size_t need);

    static constexpr std::size_t kBlock = std::size_t{64} * 1024;
    std::vector<Block> blocks_;
    std::size_t used_ = 0;  // blocks_[0 .. used_) are in use; the last of them is the current one
    char* next_ = nullptr;
    char* end_ = nullptr;
};

}  // namespace dbfixture
