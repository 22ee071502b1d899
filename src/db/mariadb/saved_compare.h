// SPDX-License-Identifier: MIT
// How a table differs from a copy of it, as SQL.
//
//  1. Two values are the same when all of their bytes are: neither a collation nor the padding of texts counts, and the
//     value of an enumeration is its place.
//  2. Rows are matched by the key as the server compares it, which at most one row of each side can meet; then all
//     values are compared, those of the key, too. A key of which that is not true is none.
//  3. Generated columns are left out: they follow from the others.
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

bool holds_bytes(const ColumnFacts& facts);
// A column of the row `alias` as what all of its bytes are compared by (rule 1).
std::string exact_term(std::string_view alias, const Table& table, const TableFacts& facts, std::size_t column);

// "`a`, `b`" of the columns whose values are a row's own, with something before each name.
std::string own_columns(const Table& table, std::string_view before = "");

// For tables with such a key. What a temporary table of keys has for columns: k0, k1, ... and whether the copy has a
// row of that key.
std::string key_columns(const ComparedTable& compared);
// Statements. Keys of the table's rows that are not in the copy as they are go into `keys`; it locks what it reads.
// `within` is a condition on the row t.
std::string find_different(const ComparedTable& compared, const std::string& keys, std::string_view within);
// The same for keys of the copy that the table does not have; `within` is one on the row c.
std::string find_missing(const ComparedTable& compared, const std::string& keys, std::string_view within);
// The table's rows of these keys go; then the copy's come.
std::string delete_found(const ComparedTable& compared, const std::string& keys);
std::string insert_found(const ComparedTable& compared, const std::string& keys);
// What `term`, of the row t, is for the table's rows of these keys.
std::string of_found(const ComparedTable& compared, const std::string& keys, std::string_view term);
// All rows of the copy.
std::string insert_all(const ComparedTable& compared);

}  // namespace dbfixture::mariadb
