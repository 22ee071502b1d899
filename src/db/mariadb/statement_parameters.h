// SPDX-License-Identifier: MIT
// What Statement binds for parameters. Only .cpp files include this: it needs the library's header.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "db/mariadb/statement.h"

struct st_mysql_bind;

namespace dbfixture::mariadb {

// Points into the values, which must stay until the statement has run.
struct Statement::Parameters {
    Parameters();
    ~Parameters();
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;

    st_mysql_bind* of_values(std::span<const Value> values);
    // Column by column; a column whose rows have values of several kinds is sent as texts.
    st_mysql_bind* of_rows(std::span<const Value> values, std::size_t rows);

  private:
    struct Column;
    void set_column(std::size_t at, std::span<const Value> values, std::size_t rows);

    std::size_t width_ = 0;
    std::vector<st_mysql_bind> binds_;
    std::deque<Column> columns_;
};

}  // namespace dbfixture::mariadb
