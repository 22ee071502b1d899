// SPDX-License-Identifier: MIT
// What the columns of SQLite make of values (https://sqlite.org/datatype3.html#type_affinity), for who wants to know
// it without writing: Connection::make_stored().
//
//  1. Values that nothing can happen to pass: of the column's own kind, or in a column that keeps everything.
//  2. All others are put into a column of that affinity in a database in memory and read back, so that it is SQLite
//     that says what becomes of "1e3", 1.0 or a text in another encoding.
#pragma once

#include <memory>
#include <span>

#include "base/arena.h"
#include "db/sqlite/memory_database.h"
#include "db/sqlite/statement.h"
#include "model/schema.h"

namespace dbfixture::sqlite {

class StoredValues {
  public:
    explicit StoredValues(TextEncoding encoding) : encoding_(encoding) {}

    void make(const Table& table, std::span<const std::uint16_t> columns, std::span<Value> values, Arena& arena);

  private:
    Value try_out(const Value& value, ColumnType type, Arena& arena);
    void open();

    TextEncoding encoding_;
    std::unique_ptr<MemoryDatabase> database_;
    Statement put_, get_;
};

}  // namespace dbfixture::sqlite
