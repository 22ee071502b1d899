// SPDX-License-Identifier: MIT
// The rows of a Statement, of which the many are taken from the server on a thread of its own, so that receiving
// overlaps with what is made of them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/fill_ahead.h"
#include "db/mariadb/statement.h"

namespace dbfixture::mariadb {

// While it lives, nothing else may be asked of the session or the statement.
class RowsAhead {
  public:
    // `statement` was told in which forms its rows come (read_as()): so many as `width`, which is not 0.
    RowsAhead(Statement& statement, std::size_t width) : statement_(statement), width_(width) {}
    // False at the end. The values are valid until the next call.
    bool next(std::span<const Value>& values);

  private:
    struct Rows {
        Arena arena;
        std::vector<Value> values;
        std::size_t count = 0, bytes = 0;
        void clear() {
            arena.clear();
            count = bytes = 0;
        }
    };
    bool receive(Rows& rows);
    bool next_received(std::span<const Value>& values);

    Statement& statement_;
    const std::size_t width_;
    std::size_t rows_ = 0;
    std::vector<Value> values_;  // before there is a thread
    FillAhead<Rows> ahead_;
    Rows* received_ = nullptr;
    std::size_t at_ = 0;  // the next row of `received_`
};

}  // namespace dbfixture::mariadb
