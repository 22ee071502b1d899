// SPDX-License-Identifier: MIT
// How a table differs from a copy of it, as SQL.
//
//  1. Two values are the same when all of their bytes are: neither a collation nor the padding of texts counts, and the
//     value of an enumeration is its place.
//  2. Rows are matched by the key as the server compares it, which at most one row of each side can meet; then all
//     values are compared, those of the key, too. A key of which that is not true is none.
//  3. Without a key, equal tables have each row as often: rows are counted by a digest of their values.
//  4. Generated columns are left out: they follow from the others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/mariadb/catalog.h"

namespace dbfixture::mariadb {

struct ComparedTable {
    const Table& table;
    const TableFacts& facts;
    std::string live, copy;  // quoted, with their databases
};

// Of the key in rule 2; empty if there is none.
std::vector<std::size_t> matching_key(const Table& table, const TableFacts& facts);

// "`a`, `b`" of the columns whose values are a row's own, with something before each name.
std::string own_columns(const Table& table, std::string_view before = "");

// For tables with such a key. What a temporary table of keys has for columns: k0, k1, ... and whether the copy has a
// row of that key.
std::string key_columns(const ComparedTable& compared);
// Statements. Keys of the table's rows that are not in the copy as they are go into `keys`; it locks the table.
std::string find_different(const ComparedTable& compared, const std::string& keys);
// The table's rows of these keys; then the copy's.
std::string delete_found(const ComparedTable& compared, const std::string& keys);
std::string insert_found(const ComparedTable& compared, const std::string& keys);
// Rows of the copy whose key the table does not have.
std::string insert_missing(const ComparedTable& compared);
// Two numbers: of the table's rows, and of those that are not in the copy. It locks the table.
std::string count_different(const ComparedTable& compared);

// For those without. One number: of rows that are not there as often on both sides. It locks the table.
std::string count_unequal(const ComparedTable& compared);
std::string insert_all(const ComparedTable& compared);

}  // namespace dbfixture::mariadb
