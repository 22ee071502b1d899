// SPDX-License-Identifier: MIT
// Rows that met a UNIQUE value of another row. They wait in a temporary table, so memory does not grow with them, and
// are tried again at the end of the load (LoadSession::finish), when the other row may have changed its value.
//
//  1. Whatever addresses a row, it waits when SQLite says that a value of it is another row's.
//  2. A later record of the same key waits behind it, so that the last wins.
//  3. They are tried from the last to the first, because the usual chain (each takes the value that the next one gives
//     up) resolves so; unless a key is there twice, since the later must win.
//  4. What still collides is a ring: their rows are deleted, all of them, and put back with their new values, under the
//     rowids that they had. Enforcement and triggers are off, so nothing goes with them.
//  5. For the foreign keys a row that was put back is the row that it was, changed (ForeignKeyCheck::touch, replaced).
//  6. What collides even then is an error that names its record.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "db/connection.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

class SetAside {
  public:
    explicit SetAside(Handle handle) : handle_(handle) {}

    // `key` identifies the row among those of its table (hash_key); the same key again must wait behind it, so that the
    // last wins.
    void add(const BoundRow& row, std::uint64_t key);
    // Whether a row of that key may be waiting. Can say yes wrongly, never no: a filter of fixed size.
    bool may_hold(std::size_t table, std::uint64_t key) const;
    bool empty() const { return count_ == 0; }
    std::uint64_t count() const { return count_; }
    bool has_repeated_keys() const { return repeated_; }

    struct Entry {
        std::int64_t number = 0;
        std::string row;                    // store_row
        std::optional<std::string> before;  // store_values of the row as it was, once it has been deleted
    };
    // The entry with the next number after (or, backwards, before) `number`; start with 0 or INT64_MAX.
    std::optional<Entry> next(std::int64_t number, bool backwards);
    void remove(std::int64_t number);
    void set_before(std::int64_t number, std::string_view before);

  private:
    static constexpr std::size_t kFilterBits = std::size_t{1} << 22;
    static std::size_t filter_bit(std::size_t table, std::uint64_t key) {
        return (key ^ (table * 0x9E3779B97F4A7C15U)) % kFilterBits;
    }

    Handle handle_;
    std::uint64_t count_ = 0;
    bool repeated_ = false;
    std::unique_ptr<std::bitset<kFilterBits>> filter_;
    Statement insert_, forwards_, backwards_, delete_, update_;
};

}  // namespace dbfixture::sqlite
