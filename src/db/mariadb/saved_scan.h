// SPDX-License-Identifier: MIT
// Reading tables as digests of their rows (block_digest.h), under locks: whoever has written to a row and has not
// committed is waited for, and nobody writes to one, or puts one between, until the transaction ends.
//
//  1. What a row's digest is of: the values of its own columns (generated ones follow from them), each as all of its
//     bytes. Texts and bytes have their length before them, NULL is nothing at all, and between them stands a comma,
//     which no number and no time has: two rows that differ never give the same text.
//  2. A row's key, as its first column alone, goes along as something that SQL takes back: digits, or the bytes in
//     hexadecimal digits. Where a type has no such form, ranges of its keys are not told.
//  3. Small tables are read many in one statement, which keeps no order of rows: they are one block each. They are read
//     by the SQL that the state has for it: which columns a table has is only asked where its rows differ.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "db/mariadb/block_digest.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// The digest of a row "t", as SQL.
RowDigest row_digest(const Table& table, const TableFacts& facts);

// "(t.`id` BETWEEN 3 AND 9 OR ...)", the rows of `alias` in these ranges; "true" where they cannot be told.
std::string within(const ComparedTable& compared, std::string_view alias, std::span<const KeyRange> ranges);

// Blocks of the rows of `name`, quoted, which has the columns of this table: in key order where it has such a key, else
// one block of all. `by_primary`: whether it has a primary key. Returns the sum of what `weight`, an expression of
// columns, says of each row; "0" to leave it out.
std::uint64_t scan_blocks(Session& session, const Table& table, const TableFacts& facts, const std::string& name,
                          bool by_primary, const std::string& weight, const std::function<void(const RowBlock&)>& take);

// The sum of the digests that a query gives.
BlockDigest sum_of(Session& session, const std::string& query);

struct TableDifference {
    bool same = false;
    std::uint64_t rows = 0;             // that the table has
    BlockDigest total{};                // of all of them
    std::vector<KeyRange> different{};  // of a table with such a key
};

// Whether the state has so few rows of it (rule 3).
bool is_small(const SavedTable& table);
// Of these tables of `database`, all of them small.
std::vector<TableDifference> compare_small_tables(Session& session, const std::string& database,
                                                  std::span<const SavedTable* const> tables);
// Of these tables of the database, which the state has, too.
std::vector<TableDifference> compare_tables(Session& session, const LiveState& live, const SavedManifest& manifest,
                                            std::span<const std::size_t> tables);

}  // namespace dbfixture::mariadb
