// SPDX-License-Identifier: MIT
// How far long work is, for whoever shows it: counted by those who do the work, from any thread, read by another.
#pragma once

#include <atomic>
#include <cstdint>

namespace dbfixture {

class WorkCount {
  public:
    // A part of the work begins: "comparing"; "" where there is but one. `total` is 0 where it is not known.
    void begin(const char* step, std::uint64_t total) noexcept {
        done_ = 0;
        total_ = total;
        step_ = step;
        ++steps_;
    }
    void add(std::uint64_t count) noexcept { done_.fetch_add(count, std::memory_order_relaxed); }

    const char* step() const noexcept { return step_; }
    std::uint64_t steps() const noexcept { return steps_; }  // how many have begun
    std::uint64_t done() const noexcept { return done_; }
    std::uint64_t total() const noexcept { return total_; }

  private:
    std::atomic<std::uint64_t> done_ = 0, total_ = 0, steps_ = 0;
    std::atomic<const char*> step_ = "";
};

// Of work that may be nobody's to watch.
inline void begin_work(WorkCount* work, const char* step, std::uint64_t total) noexcept {
    if (work != nullptr) work->begin(step, total);
}
inline void add_work(WorkCount* work, std::uint64_t count) noexcept {
    if (work != nullptr) work->add(count);
}

}  // namespace dbfixture
