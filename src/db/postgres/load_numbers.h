// SPDX-License-Identifier: MIT
// Numbers of new rows, and the sequences that stand behind them, during a load.
//
//  1. Rows are numbered here, not by nextval(), which no rollback undoes: after all keys that were ever there.
//  2. Explicit keys are seen as they come, so that rows which are still on their way count.
//  3. At the end each sequence is at least the largest key. Where this role may ALTER it, that is part of the
//     transaction; else it is set as the last thing before COMMIT.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "db/postgres/load_context.h"

namespace dbfixture::postgres {

class Numbers {
  public:
    explicit Numbers(LoadContext& context);

    // Whether rows of the table that have no key are numbered here.
    bool gives(std::size_t table) const { return sequence_of(table) != nullptr; }
    // The number that the next row would get. Throws kInput when none is left.
    std::int64_t next(std::size_t table);
    std::int64_t take(std::size_t table);
    // A row with this key is written.
    void see(std::size_t table, std::int64_t key);
    // The table was emptied: its sequences start anew.
    void forget(std::size_t table);
    void raise(const std::vector<std::size_t>& tables);
    void before_commit();

  private:
    struct State {
        bool known = false;
        std::optional<std::int64_t> last;  // given, or seen; nothing where numbering starts anew
    };
    const SequenceFacts* sequence_of(std::size_t table) const;
    void set(Sequence sequence);

    LoadContext& context_;
    std::vector<State> states_;
    std::set<std::size_t> forgotten_;
    std::vector<Sequence> at_commit_;
};

}  // namespace dbfixture::postgres
