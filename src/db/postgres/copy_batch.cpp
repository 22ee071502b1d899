// SPDX-License-Identifier: MIT
#include "db/postgres/copy_batch.h"

#include <algorithm>

namespace dbfixture::postgres {

void CopyBatch::end_row(std::uint64_t number, const BoundRow& row) {
    text_ += '\n';
    Row& added = rows_.emplace_back(Row{number, row.origin, text_.size(), 0});
    const bool apart = std::any_of(row.values.begin(), row.values.end(), [&](const Value& value) {
        return value.line() != 0 && value.line() != row.origin.line;
    });
    if (!apart) return;
    added.lines = value_lines_.size() + 1;
    for (const Value& value : row.values)
        value_lines_.push_back(value.line());
}

std::string_view CopyBatch::line(std::size_t index) const {
    return lines(index, index + 1);
}

std::string_view CopyBatch::lines(std::size_t from, std::size_t to) const {
    const std::size_t begin = from == 0 ? 0 : rows_[from - 1].end;
    const std::size_t end = to == 0 ? 0 : rows_[to - 1].end;
    return std::string_view(text_).substr(begin, end - begin);
}

std::uint32_t CopyBatch::value_line(std::size_t index, std::size_t slot) const {
    const std::size_t lines = rows_[index].lines;
    return lines == 0 ? 0 : value_lines_[lines - 1 + slot];
}

std::string_view CopyBatch::take_unsent() {
    const std::string_view out = std::string_view(text_).substr(sent_);
    sent_ = text_.size();
    return out;
}

void CopyBatch::clear() {
    text_.clear();
    if (text_.capacity() > 2 * kMostBytes) text_.shrink_to_fit();
    rows_.clear();
    value_lines_.clear();
    sent_ = 0;
}

}  // namespace dbfixture::postgres
