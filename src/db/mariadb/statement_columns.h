// SPDX-License-Identifier: MIT
// What Statement binds for the columns of its rows. Only .cpp files include this.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "db/mariadb/statement.h"

struct st_mysql_bind;

namespace dbfixture::mariadb {

struct Statement::Columns {
    explicit Columns(std::span<const ValueForm> forms);
    ~Columns();
    Columns(const Columns&) = delete;
    Columns& operator=(const Columns&) = delete;

    bool have(std::span<const ValueForm> forms) const;
    st_mysql_bind* binds();
    // Fetches again what was longer than its memory; whether anything was, so that binds() changed.
    bool widen(st_mysql_stmt* statement);
    void take(std::vector<Value>& values);

  private:
    struct Cell;
    Value value_of(Cell& cell);

    std::vector<ValueForm> forms_;
    std::vector<st_mysql_bind> binds_;
    std::vector<std::unique_ptr<Cell>> cells_;
    Arena arena_;
};

}  // namespace dbfixture::mariadb
