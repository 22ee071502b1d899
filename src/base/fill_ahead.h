// SPDX-License-Identifier: MIT
// Batches that a thread of its own fills while the one before is read. Bounded: it does not run far ahead.
#pragma once

#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/batch_pipe.h"

namespace dbfixture {

// `Batch` as BatchPipe wants it.
template <typename Batch>
class FillAhead {
  public:
    FillAhead() = default;
    FillAhead(const FillAhead&) = delete;
    FillAhead& operator=(const FillAhead&) = delete;
    ~FillAhead() {
        stop([] {});
    }

    // From now on `fill` is given empty batches, on the other thread, until it returns false: that batch is the last
    // one. Where no thread is to be had, nothing has begun.
    void start(std::function<bool(Batch&)> fill) noexcept {
        try {
            thread_ = std::thread([this, fill = std::move(fill)] { run(fill); });
        } catch (const std::system_error&) {
            // started() says so.
        }
    }
    bool started() const { return thread_.joinable(); }

    // The next batch, in place of the one before; nullptr at the end. What `fill` threw comes after the batches that it
    // filled. After either it is no longer started().
    Batch* next() {
        if (batch_ != nullptr) pipe_.give_back(std::move(batch_));
        try {
            batch_ = pipe_.pop();
        } catch (...) {
            thread_.join();
            throw;
        }
        if (batch_ == nullptr) thread_.join();
        return batch_.get();
    }

    // Nobody wants the rest. `tell` says so to what `fill` may be waiting for.
    template <typename Tell>
    void stop(const Tell& tell) {
        if (!started()) return;
        pipe_.stop();
        tell();
        thread_.join();
    }

  private:
    void run(const std::function<bool(Batch&)>& fill) noexcept {
        try {
            for (bool more = true; more;) {
                std::unique_ptr<Batch> batch = pipe_.empty_batch();
                more = fill(*batch);
                pipe_.push(std::move(batch));
            }
            pipe_.close(nullptr);
        } catch (const typename BatchPipe<Batch>::Stopped&) {
            // Nobody wants the rest.
        } catch (...) {
            pipe_.close(std::current_exception());
        }
    }

    BatchPipe<Batch> pipe_;
    std::unique_ptr<Batch> batch_;
    std::thread thread_;
};

}  // namespace dbfixture
