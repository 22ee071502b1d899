// SPDX-License-Identifier: MIT
#include "ops/diff/threaded_rows.h"

#include <string_view>
#include <system_error>

namespace dbfixture {

ThreadedRows::~ThreadedRows() {
    pipe_.stop();
    if (thread_.joinable()) thread_.join();
}

// Where no thread is to be had, rows go on coming from here.
void ThreadedRows::start() {
    try {
        thread_ = std::thread([this] { read_all(); });
    } catch (const std::system_error&) {
        read_alone_ = 0;
    }
}

void ThreadedRows::read_all() noexcept {
    std::exception_ptr failure;
    try {
        auto batch = pipe_.empty_batch();
        StreamedRow row;
        while (inner_->next(row)) {
            batch->bytes.append(row.key);
            batch->bytes.append(row.row);
            batch->rows.push_back({row.key.size(), row.row.size(), row.origin});
            if (!batch->is_full()) continue;
            pipe_.push(std::move(batch));
            batch = pipe_.empty_batch();
        }
        if (!batch->rows.empty()) pipe_.push(std::move(batch));
    } catch (const BatchPipe<Batch>::Stopped&) {
        return;  // nobody waits for more
    } catch (...) {
        failure = std::current_exception();
    }
    pipe_.close(std::move(failure));
}

bool ThreadedRows::next(StreamedRow& row) {
    if (!thread_.joinable()) {
        if (++read_alone_ < kReadAlone) return inner_->next(row);
        start();
        if (!thread_.joinable()) return inner_->next(row);
    }
    if (batch_ && at_ == batch_->rows.size()) pipe_.give_back(std::move(batch_));
    if (!batch_) {
        batch_ = pipe_.pop();
        at_ = offset_ = 0;
        if (!batch_) {
            pipe_.close(nullptr);  // a further call finds the end again
            return false;
        }
    }
    const Batch::Place& place = batch_->rows[at_++];
    const std::string_view bytes = std::string_view(batch_->bytes).substr(offset_);
    row = {bytes.substr(0, place.key), bytes.substr(place.key, place.row), place.origin};
    offset_ += place.key + place.row;
    return true;
}

}  // namespace dbfixture
