// SPDX-License-Identifier: MIT
// Hands batches from one thread to another, so that reading and writing overlap. Bounded, so memory does not grow with
// what passes through; batches come back to be filled again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace dbfixture {

// `Batch` has clear(), which keeps its memory for the next use.
template <typename Batch>
class BatchPipe {
  public:
    // Thrown out of empty_batch() and push() when the other side has stopped; unwinds the filling side.
    struct Stopped : std::exception {};

    // Filling side. An empty batch, waiting for one if all are on their way.
    std::unique_ptr<Batch> empty_batch() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || !empty_.empty() || made_ < kBatches; });
        if (stopped_) throw Stopped{};
        if (empty_.empty()) {
            ++made_;
            return std::make_unique<Batch>();
        }
        auto batch = std::move(empty_.front());
        empty_.pop_front();
        return batch;
    }

    void push(std::unique_ptr<Batch> batch) {
        const std::lock_guard lock(mutex_);
        if (stopped_) throw Stopped{};
        full_.push_back(std::move(batch));
        changed_.notify_all();
    }

    // Ends the stream; `failure` is rethrown to the emptying side after all batches before it.
    void close(std::exception_ptr failure) {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        failure_ = std::move(failure);
        changed_.notify_all();
    }

    // Emptying side. Nothing at the end.
    std::unique_ptr<Batch> pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || !full_.empty(); });
        if (full_.empty()) {
            if (failure_) std::rethrow_exception(failure_);
            return nullptr;
        }
        auto batch = std::move(full_.front());
        full_.pop_front();
        return batch;
    }

    void give_back(std::unique_ptr<Batch> batch) {
        batch->clear();
        const std::lock_guard lock(mutex_);
        empty_.push_back(std::move(batch));
        changed_.notify_all();
    }

    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

  private:
    static constexpr std::size_t kBatches = 6;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<Batch>> full_;
    std::deque<std::unique_ptr<Batch>> empty_;
    std::size_t made_ = 0;
    bool closed_ = false;
    bool stopped_ = false;
    std::exception_ptr failure_;
};

}  // namespace dbfixture
