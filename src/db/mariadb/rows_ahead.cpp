// SPDX-License-Identifier: MIT
#include "db/mariadb/rows_ahead.h"

#include <system_error>

#include "base/interrupt.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kFewRows = 2000;  // not worth a thread
constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kBatchBytes = std::size_t{128} * 1024;

}  // namespace

RowsAhead::~RowsAhead() {
    if (!thread_.joinable()) return;
    pipe_.stop();
    thread_.join();
}

// The thread starts when the next row is asked for: it takes the memory of the one before.
bool RowsAhead::next(std::span<const Value>& values) {
    if (rows_ == kFewRows) start();
    if (thread_.joinable()) return next_received(values);
    check_interrupt();
    if (!statement_.next(values_)) return false;
    ++rows_;
    values = values_;
    return true;
}

void RowsAhead::start() noexcept {
    ++rows_;
    try {
        thread_ = std::thread([this] { receive(); });
    } catch (const std::system_error&) {
        // It goes on as it began.
    }
}

void RowsAhead::receive() noexcept {
    try {
        bool more = true;
        while (more) {
            std::unique_ptr<Rows> rows = pipe_.empty_batch();
            rows->values.resize(kBatchRows * width_);
            while (rows->count < kBatchRows && rows->bytes < kBatchBytes) {
                more = statement_.next(rows->values.data() + rows->count * width_, rows->arena);
                if (!more) break;
                rows->bytes += statement_.row_bytes();
                ++rows->count;
            }
            pipe_.push(std::move(rows));
        }
        pipe_.close(nullptr);
    } catch (const BatchPipe<Rows>::Stopped&) {
        // Nobody wants the rest.
    } catch (...) {
        pipe_.close(std::current_exception());
    }
}

bool RowsAhead::next_received(std::span<const Value>& values) {
    while (received_ == nullptr || at_ == received_->count) {
        check_interrupt();
        if (received_ != nullptr) pipe_.give_back(std::move(received_));
        at_ = 0;
        try {
            received_ = pipe_.pop();
        } catch (...) {
            thread_.join();
            throw;
        }
        if (received_ == nullptr) {
            thread_.join();  // from now on the statement says that it is done
            return false;
        }
    }
    values = std::span<const Value>(received_->values).subspan(at_++ * width_, width_);
    return true;
}

}  // namespace dbfixture::mariadb
