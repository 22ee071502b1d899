// SPDX-License-Identifier: MIT
#include "db/postgres/copy_ahead.h"

#include <system_error>

namespace dbfixture::postgres {
namespace {

constexpr std::size_t kFewRows = 2000;  // not worth a thread
constexpr std::size_t kBatchBytes = std::size_t{128} * 1024;

}  // namespace

void CopyAhead::Lines::clear() {
    if (bytes.capacity() > 4 * kBatchBytes) std::string().swap(bytes);
    bytes.clear();
    ends.clear();
}

// Whoever gives up before the end has thrown, or wants no more: then the server is told, or the thread would first wait
// for it.
CopyAhead::~CopyAhead() {
    if (!thread_.joinable()) return;
    pipe_.stop();
    copy_.give_up();
    thread_.join();
}

// The thread starts when the next row is asked for: it takes the memory of the one before.
bool CopyAhead::next(std::string_view& line) {
    if (rows_ == kFewRows) start();
    if (thread_.joinable()) return next_received(line);
    if (!copy_.next(line)) return false;
    ++rows_;
    return true;
}

void CopyAhead::start() noexcept {
    ++rows_;
    try {
        thread_ = std::thread([this] { receive(); });
    } catch (const std::system_error&) {
        // It goes on as it began.
    }
}

void CopyAhead::receive() noexcept {
    try {
        std::unique_ptr<Lines> lines = pipe_.empty_batch();
        for (std::string_view line; copy_.next(line);) {
            lines->bytes += line;
            lines->ends.push_back(lines->bytes.size());
            if (lines->bytes.size() < kBatchBytes) continue;
            pipe_.push(std::move(lines));
            lines = pipe_.empty_batch();
        }
        pipe_.push(std::move(lines));
        pipe_.close(nullptr);
    } catch (const BatchPipe<Lines>::Stopped&) {
        // Nobody wants the rest.
    } catch (...) {
        pipe_.close(std::current_exception());
    }
}

bool CopyAhead::next_received(std::string_view& line) {
    while (lines_ == nullptr || at_ == lines_->ends.size()) {
        if (lines_ != nullptr) pipe_.give_back(std::move(lines_));
        at_ = begin_ = 0;
        try {
            lines_ = pipe_.pop();
        } catch (...) {
            thread_.join();
            throw;
        }
        if (lines_ == nullptr) {
            thread_.join();  // from now on the copy says that it is done
            return false;
        }
    }
    const std::size_t end = lines_->ends[at_++];
    line = std::string_view(lines_->bytes).substr(begin_, end - begin_);
    begin_ = end;
    return true;
}

}  // namespace dbfixture::postgres
