// SPDX-License-Identifier: MIT
// The SQL of reading rows and of looking them up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/mariadb/catalog.h"

namespace dbfixture::mariadb {

// A column of the row t as it is selected, and the form in which it comes.
std::string column_term(const Table& table, const TableFacts& facts, std::size_t column);
ValueForm form_of(const ColumnFacts& facts);

// Of the key's columns and those of the query, in its order.
std::string read_statement(const Table& table, const TableFacts& facts, const RowQuery& query);

// Many searches in one statement; each compares as the server does, and NULL equals NULL. A row of the result is the
// number of the search, from 0, and the columns. Its parameters are the values of each search behind one another.
struct Search {
    std::span<const std::size_t> by;       // column indexes
    std::span<const std::size_t> columns;  // the same
    std::size_t count = 1;                 // of searches
    int most = 0;                          // rows of each; 0: all
};
std::string search_statement(const Table& table, const TableFacts& facts, const Search& search);

}  // namespace dbfixture::mariadb
