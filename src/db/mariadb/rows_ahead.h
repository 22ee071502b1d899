// SPDX-License-Identifier: MIT
// The rows of a Statement, of which the many are taken from the server on a thread of its own, so that receiving
// overlaps with what is made of them. Bounded: it does not run far ahead.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/batch_pipe.h"
#include "db/mariadb/statement.h"

namespace dbfixture::mariadb {

// While it lives, nothing else may be asked of the session or the statement.
class RowsAhead {
  public:
    // `statement` was told in which forms its rows come (read_as()): so many as `width`, which is not 0.
    RowsAhead(Statement& statement, std::size_t width) : statement_(statement), width_(width) {}
    RowsAhead(const RowsAhead&) = delete;
    RowsAhead& operator=(const RowsAhead&) = delete;
    ~RowsAhead();
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
    void start() noexcept;
    void receive() noexcept;
    bool next_received(std::span<const Value>& values);

    Statement& statement_;
    const std::size_t width_;
    std::size_t rows_ = 0;
    std::vector<Value> values_;  // before there is a thread
    BatchPipe<Rows> pipe_;
    std::unique_ptr<Rows> received_;
    std::size_t at_ = 0;  // the next row of `received_`
    std::thread thread_;
};

}  // namespace dbfixture::mariadb
