// SPDX-License-Identifier: MIT
// Hands row batches from the reading thread to the writing one. Bounded, so memory does not grow with the fixture;
// batches come back to be filled again.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>

#include "ops/row_batch.h"

namespace dbfixture {

class RowPipe {
  public:
    // Thrown out of push() when the writing side has stopped; unwinds the reader.
    struct Stopped {};

    // Reading side. An empty batch, waiting for one if all are on their way.
    std::unique_ptr<RowBatch> empty_batch();
    void push(std::unique_ptr<RowBatch> batch);
    // Ends the stream; `failure` is rethrown to the writing side after all rows before it.
    void close(std::exception_ptr failure);

    // Writing side. Nothing at the end.
    std::unique_ptr<RowBatch> pop();
    void give_back(std::unique_ptr<RowBatch> batch);
    void stop();

  private:
    static constexpr std::size_t kBatches = 6;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<RowBatch>> full_;
    std::deque<std::unique_ptr<RowBatch>> empty_;
    std::size_t made_ = 0;
    bool closed_ = false;
    bool stopped_ = false;
    std::exception_ptr failure_;
};

}  // namespace dbfixture
