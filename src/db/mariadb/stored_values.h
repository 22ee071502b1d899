// SPDX-License-Identifier: MIT
// What the server's columns make of values, without writing to the database: Connection::make_stored().
//
//  1. Every value is looked at as before it is sent: what a column cannot hold is refused.
//  2. Values of types that keep what they are given pass.
//  3. All others are put into a temporary table with columns of the same types, by a session of its own, and read back
//     in the form in which rows are read. Neither a view nor the rows that are being read is disturbed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/many_rows.h"
#include "db/mariadb/session.h"
#include "model/value.h"

namespace dbfixture::mariadb {

class StoredValues {
  public:
    explicit StoredValues(const Session& beside) : beside_(beside) {}

    void make(const Catalog& catalog, std::size_t table, std::span<const std::uint16_t> columns,
              std::span<Value> values, Arena& arena);

  private:
    struct Cells;

    // The temporary table of these columns.
    void prepare(const Catalog& catalog, std::size_t table, const std::vector<std::size_t>& columns);
    void convert(const Cells& cells, std::size_t from, std::size_t rows, Arena& arena);

    const Session& beside_;
    std::unique_ptr<Session> session_{};
    std::string made_for_{};  // the definition of the temporary table's columns
    std::string read_{};
    std::vector<ValueForm> forms_{};
    std::optional<ManyRows> insert_{};
};

}  // namespace dbfixture::mariadb
