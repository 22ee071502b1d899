// SPDX-License-Identifier: MIT
// Rows of one table on their way through COPY: as text, sent while more come, and kept until the server has taken them
// all, so that those of a batch that it refuses can be sent again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"

namespace dbfixture::postgres {

class CopyBatch {
  public:
    struct Row {
        std::uint64_t number = 0;  // in the log; 0: not logged
        Origin origin;
        std::size_t end = 0;    // in the text, behind the line end
        std::size_t lines = 0;  // where its values' lines begin, plus 1; 0: they are the record's
    };

    // The row's fields are appended to text(); end_row() is called behind them.
    std::string& text() { return text_; }
    void end_row(std::uint64_t number, const BoundRow& row);

    std::size_t rows() const { return rows_.size(); }
    const Row& row(std::size_t index) const { return rows_[index]; }
    void number(std::size_t index, std::uint64_t number) { rows_[index].number = number; }
    std::string_view line(std::size_t index) const;  // with its line end
    std::string_view lines(std::size_t from, std::size_t to) const;
    // Of the value at `slot` of the row's columns; 0 where it is not known.
    std::uint32_t value_line(std::size_t index, std::size_t slot) const;

    std::size_t unsent() const { return text_.size() - sent_; }
    std::string_view take_unsent();

    bool is_full() const { return rows_.size() >= kMostRows || text_.size() >= kMostBytes; }
    void clear();

  private:
    static constexpr std::size_t kMostRows = 10000;
    static constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024;

    std::string text_;
    std::vector<Row> rows_;
    std::vector<std::uint32_t> value_lines_;
    std::size_t sent_ = 0;
};

}  // namespace dbfixture::postgres
