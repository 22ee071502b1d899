// SPDX-License-Identifier: MIT
#include "db/mariadb/rows_ahead.h"

#include "base/interrupt.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kFewRows = 2000;  // not worth a thread
constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kBatchBytes = std::size_t{128} * 1024;

}  // namespace

// The thread starts when the next row is asked for: it takes the memory of the one before.
bool RowsAhead::next(std::span<const Value>& values) {
    if (rows_ == kFewRows) ahead_.start([this](Rows& rows) { return receive(rows); });
    ++rows_;
    if (ahead_.started()) return next_received(values);
    check_interrupt();
    if (!statement_.next(values_)) return false;
    values = values_;
    return true;
}

bool RowsAhead::receive(Rows& rows) {
    rows.values.resize(kBatchRows * width_);
    while (rows.count < kBatchRows && rows.bytes < kBatchBytes) {
        if (!statement_.next(rows.values.data() + rows.count * width_, rows.arena)) return false;
        rows.bytes += statement_.row_bytes();
        ++rows.count;
    }
    return true;
}

// After the end the statement itself says that it is done.
bool RowsAhead::next_received(std::span<const Value>& values) {
    while (received_ == nullptr || at_ == received_->count) {
        check_interrupt();
        at_ = 0;
        received_ = ahead_.next();
        if (received_ == nullptr) return false;
    }
    values = std::span<const Value>(received_->values).subspan(at_++ * width_, width_);
    return true;
}

}  // namespace dbfixture::mariadb
