// SPDX-License-Identifier: MIT
#include "ops/row_pipe.h"

#include <utility>

namespace dbfixture {

std::unique_ptr<RowBatch> RowPipe::empty_batch() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || !empty_.empty() || made_ < kBatches; });
    if (stopped_) throw Stopped{};
    if (empty_.empty()) {
        ++made_;
        return std::make_unique<RowBatch>();
    }
    auto batch = std::move(empty_.front());
    empty_.pop_front();
    return batch;
}

void RowPipe::push(std::unique_ptr<RowBatch> batch) {
    const std::lock_guard lock(mutex_);
    if (stopped_) throw Stopped{};
    full_.push_back(std::move(batch));
    changed_.notify_all();
}

void RowPipe::close(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    failure_ = std::move(failure);
    changed_.notify_all();
}

std::unique_ptr<RowBatch> RowPipe::pop() {
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

void RowPipe::give_back(std::unique_ptr<RowBatch> batch) {
    batch->clear();
    const std::lock_guard lock(mutex_);
    empty_.push_back(std::move(batch));
    changed_.notify_all();
}

void RowPipe::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

}  // namespace dbfixture
