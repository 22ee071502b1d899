// SPDX-License-Identifier: MIT
// Rows of a fixture of which nobody said which they are: without a key, or with a placeholder for it. Each stands for
// one row that has what it says. They are kept in memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/diff/packed_row.h"
#include "ops/diff/patterns.h"

namespace dbfixture {

class UnkeyedRows {
  public:
    bool empty() const { return rows_.empty(); }
    // What they take, in bytes.
    std::size_t memory() const { return bytes_; }
    // `row` as packed.
    void add(std::string_view row, const Origin& origin);
    // Whether one is left that `row` can be; that one is spent. Of several, one that says as much as any: it leaves
    // over what says less, and fits more.
    bool take(const DiffRow& row, Patterns& patterns);
    // Those that are left, in the order of the fixture.
    void each_left(const std::function<void(const DiffRow& row)>& use) const;

  private:
    struct Kept {
        std::string bytes;
        Origin origin;
        bool taken = false;
    };
    // Rows that say values in the same slots, by those values.
    struct Shape {
        std::vector<std::size_t> slots;
        std::unordered_map<std::string, std::vector<std::size_t>> rows;
    };
    void index();
    bool take_from(std::vector<std::size_t>& candidates, const DiffRow& row, Patterns& patterns);

    std::vector<Kept> rows_;
    std::size_t bytes_ = 0;
    bool indexed_ = false;
    std::vector<Shape> shapes_;  // those that say most are the first
};

// Whether every slot that both sides say is alike.
bool agree(const DiffRow& a, const DiffRow& b, Patterns& patterns);
bool agree(const Slot& a, const Slot& b, Patterns& patterns);

}  // namespace dbfixture
