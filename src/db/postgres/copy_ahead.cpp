// SPDX-License-Identifier: MIT
#include "db/postgres/copy_ahead.h"

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
    ahead_.stop([this] { copy_.give_up(); });
}

// The thread starts when the next row is asked for: it takes the memory of the one before.
bool CopyAhead::next(std::string_view& line) {
    if (rows_ == kFewRows) ahead_.start([this](Lines& lines) { return receive(lines); });
    ++rows_;
    if (ahead_.started()) return next_received(line);
    return copy_.next(line);
}

bool CopyAhead::receive(Lines& lines) {
    for (std::string_view line; copy_.next(line);) {
        lines.bytes += line;
        lines.ends.push_back(lines.bytes.size());
        if (lines.bytes.size() >= kBatchBytes) return true;
    }
    return false;
}

// After the end the copy itself says that it is done.
bool CopyAhead::next_received(std::string_view& line) {
    while (lines_ == nullptr || at_ == lines_->ends.size()) {
        at_ = begin_ = 0;
        lines_ = ahead_.next();
        if (lines_ == nullptr) return false;
    }
    const std::size_t end = lines_->ends[at_++];
    line = std::string_view(lines_->bytes).substr(begin_, end - begin_);
    begin_ = end;
    return true;
}

}  // namespace dbfixture::postgres
