// SPDX-License-Identifier: MIT
// The SQL of reading rows and of looking them up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// COPY ... TO STDOUT of the key's columns and those of the query, in its order. `binary`: in that format, each column
// as binary_form() says.
std::string copy_statement(const Table& table, const TableFacts& facts, const RowQuery& query, bool binary);

// Many searches in one statement: their values as one array of texts for each column that is searched by. A row of the
// result is the number of the search, from 1, and the columns; in the order of the searches.
class SearchStatement {
  public:
    // `most`: so many rows of each search at most; 0: all.
    SearchStatement(const Table& table, const TableFacts& facts, std::span<const std::size_t> by,
                    std::span<const std::size_t> columns, int most);
    // The values of each search behind one another.
    Result run(Session& session, std::span<const Value> wanted) const;

  private:
    std::string sql(const std::vector<bool>& has_null) const;

    std::string columns_, source_;
    struct Term {
        std::string column, cast;  // the column, in the form in which it is compared; what the text is cast to
    };
    std::vector<Term> terms_;
    int most_;
};

}  // namespace dbfixture::postgres
