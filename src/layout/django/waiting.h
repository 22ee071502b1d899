// SPDX-License-Identifier: MIT
// Rows that wait for the end of a load because a natural key that they name has no row yet. They are kept by the engine
// (PutBy), so that memory does not grow with them.
//
// Each waiting row is known by hashes of three kinds, and what they find is compared before it is believed:
//  1. its primary key, once it has one: a later record of the same key takes its place;
//  2. its own natural key, once all of that is known: others resolve theirs to it;
//  3. the natural key that it still lacks to know its own: a row that becomes known by that makes it try again.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "db/connection.h"
#include "layout/django/links.h"
#include "layout/django/models.h"

namespace dbfixture {

// A row with its links and everything that they point to. Not to be moved.
struct WaitingRow {
    WaitingRow() = default;
    WaitingRow(const WaitingRow&) = delete;
    WaitingRow& operator=(const WaitingRow&) = delete;
    ~WaitingRow() = default;

    std::int64_t number = 0;
    bool indexed = false;  // others can find it by its natural key
    BoundRow row;
    std::vector<std::uint16_t> columns;
    std::vector<Value> values;
    std::vector<RowLink> links;
    std::string bytes;  // texts point into it
    Arena arena;        // and lists lie here
};

class WaitingRows {
  public:
    WaitingRows(PutBy& store, const DjangoModels& models) : store_(store), models_(models) {}

    bool empty() const { return count_ == 0; }
    std::int64_t last() const { return last_; }  // the largest number that was given
    // Whether a row came that has a natural key of its own, or that the database is to number.
    bool has_natural_keys() const { return has_natural_keys_; }
    bool has_numbered() const { return has_numbered_; }

    std::int64_t add(const BoundRow& row, std::span<const RowLink> links);
    // False if the row has been removed.
    bool get(std::int64_t number, WaitingRow& out) const;
    void update(const WaitingRow& row);
    void remove(std::int64_t number);

    enum Kind { kByKey = 1, kByNaturalKey = 2, kLacking = 3 };
    void mark(std::int64_t number, Kind kind, const std::string& identity);
    std::vector<std::int64_t> find(Kind kind, const std::string& identity) const;

  private:
    static constexpr std::size_t kFilterBits = std::size_t{1} << 22;

    PutBy& store_;
    const DjangoModels& models_;
    std::uint64_t count_ = 0;
    std::int64_t last_ = 0;
    bool has_natural_keys_ = false, has_numbered_ = false;
    std::unique_ptr<std::bitset<kFilterBits>> keys_;  // says whether kByKey is worth asking
};

}  // namespace dbfixture
