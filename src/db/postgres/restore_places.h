// SPDX-License-Identifier: MIT
// Where rows lie in the copy of a large table. A copy has the order of the table that it was made of, which mostly is
// that of a key that counts up, but for rows that were updated, which come last; no index is made for it, which would
// cost a fifth of a snapshot. The keys of every few blocks' first rows tell in which blocks a key must be, if the copy
// is in order. They do not prove that it is: who does not find all there looks through the whole copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/restore_table.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

class CopyPlaces {
  public:
    // Of a table whose copy is a relation of its own and whose key is one whole number. Nothing where the keys are in
    // no order.
    static std::optional<CopyPlaces> read(Session& session, const RestoreTable& table);

    struct Keys {
        std::int64_t first = 0, last = 0;
    };
    // SQL, for FROM: the rows of the copy, alias s, in the blocks of these keys and in those that are in no order. ""
    // where these are most of all blocks.
    std::string rows(const RestoreTable& table, const std::vector<Keys>& keys) const;

    // SQL, one array: how many rows the table, and the copy, have between each two places, before the first and behind
    // the last one; of the copy in parts, one behind the other, and whoever has written its rows. And the keys that lie
    // where these differ.
    std::string count_rows_between(const RestoreTable& table) const;
    std::vector<std::string> count_copies_between(const RestoreTable& table) const;
    std::vector<Keys> differing(const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& copies) const;

    // Of these keys, those that the copy may have: none that is behind all of its own.
    std::uint64_t count_within(const Result& keys) const;

    // Keys that differ in these lowest bits alone are those of some hundred rows.
    int shift() const;

  private:
    struct Place {
        std::uint64_t block = 0;
        std::int64_t key = 0;
    };
    struct Blocks {
        std::uint64_t first = 0, behind = 0;
    };
    std::vector<Place> places_;   // ascending in both
    std::vector<Blocks> strays_;  // ascending
};

}  // namespace dbfixture::postgres
