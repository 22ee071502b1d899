// SPDX-License-Identifier: MIT
// A prepared statement: values in and out by the binary protocol, in which nothing is rounded.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "db/mariadb/session.h"
#include "db/mariadb/value_form.h"
#include "model/value.h"

namespace dbfixture::mariadb {

class Statement {
  public:
    Statement(Session& session, std::string sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    // A value for each parameter.
    void execute(std::span<const Value> values);
    // The statement for each row of an array; `values` are those of the first row, of the second, ... A failure undoes
    // all of it and says the row (ServerError::row). For servers that take arrays.
    void execute_rows(std::span<const Value> values, std::size_t rows);
    std::uint64_t affected() const;

    // Of a statement with rows, executed: before the first next(). One form for each column.
    void read_as(std::span<const ValueForm> forms);
    // False at the end. The values are valid until the next call.
    bool next(std::vector<Value>& values);
    // The same, one value for each form at `values`; they are valid as long as `arena` says. Also of another thread,
    // one at a time.
    bool next(Value* values, Arena& arena);
    std::size_t row_bytes() const;  // that the last row took, about
    // Rows that are left are thrown away.
    void end_rows();

  private:
    struct Parameters;
    struct Columns;

    void run();
    void send_large(std::span<const Value> values);
    bool fetch();
    [[noreturn]] void fail();

    Session& session_;
    std::string sql_;
    st_mysql_stmt* statement_ = nullptr;
    std::unique_ptr<Parameters> parameters_;
    std::unique_ptr<Columns> columns_;
    Arena arena_;        // of the values of next()
    bool open_ = false;  // rows may be left
};

}  // namespace dbfixture::mariadb
