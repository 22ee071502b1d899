// SPDX-License-Identifier: MIT
// One INSERT for many rows: an array of parameters where the server takes one, else a list of rows.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "db/mariadb/session.h"
#include "db/mariadb/statement.h"

namespace dbfixture::mariadb {

class ManyRows {
  public:
    // `into`: "INSERT INTO t (a, b)", of so many columns.
    ManyRows(Session& session, std::string into, std::size_t width);
    // `values` are those of the first row, of the second, ... On a failure none of the rows is there; of a list, rows
    // of earlier statements are.
    void send(std::span<const Value> values, std::size_t rows);

  private:
    void send_list(std::span<const Value> values, std::size_t rows);

    Session& session_;
    std::string into_, row_;
    std::size_t width_;
    std::optional<Statement> statement_;
    std::size_t prepared_rows_ = 0;
};

}  // namespace dbfixture::mariadb
