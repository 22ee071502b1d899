// SPDX-License-Identifier: MIT
// Numbers of new rows, and the counters behind them, during a load.
//
//  1. Rows are numbered here, after all keys that were ever there, so that whoever refers to them knows the number.
//  2. Explicit keys are seen as they come, so that rows which are still on their way count. They raise the server's
//     counter by themselves, and a rollback leaves it raised.
//  3. A counter is lowered by ALTER TABLE alone, which ends the transaction: after it, and only where it differs.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "db/mariadb/load_context.h"

namespace dbfixture::mariadb {

class Numbers {
  public:
    explicit Numbers(LoadContext& context);

    // Whether rows of the table that have no key are numbered here.
    bool gives(std::size_t table) const { return context_.table(table).numbers_rows; }
    // The number that the next row would get. Throws kInput when none is left.
    std::int64_t next(std::size_t table);
    std::int64_t take(std::size_t table);
    // A row with this key is written.
    void see(std::size_t table, std::int64_t key);
    // Rows of this table may be written: its counter may move.
    void watch(std::size_t table) { watched_.insert(table); }
    // The table was emptied: its counter starts anew.
    void forget(std::size_t table);
    // Outside of the transaction: counters of tables that were emptied go on after their largest number.
    void after_commit();
    // The same: counters are where they were, as far as rows of others let them.
    void after_rollback() noexcept;

  private:
    struct State {
        bool known = false;
        std::int64_t last = 0;  // given, or seen
    };

    LoadContext& context_;
    std::vector<State> states_;
    std::set<std::size_t> forgotten_, watched_;
};

}  // namespace dbfixture::mariadb
