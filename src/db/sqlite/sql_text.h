// SPDX-License-Identifier: MIT
// Pieces of SQL that readers and writers of rows share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// The terms joined by AND, as a tree of parentheses: a chain of 1,000 would be deeper than SQLite allows.
std::string conjunction(const std::vector<std::string>& terms);

// "k0, k1" for the prefix "k"; "?, ?".
std::string numbered(std::string_view prefix, std::size_t count);
std::string parameters(std::size_t count);

// The key columns compared with parameters from `first_parameter` on by `compare` ("=", "IS"), under the key's own
// collations.
std::string key_condition(const Table& table, const TableFacts& facts, std::string_view compare,
                          std::size_t first_parameter);

// "SELECT max(...) FROM ..." of the numbers by which SQLite addresses the table's rows: the rowid, under a name that
// reaches it, else the single key.
std::string largest_number(const Table& table, const TableFacts& facts);

// What a full-text index is told by: "rebuild", "delete-all".
std::string command_to_index(const std::string& table, std::string_view command);

// main."name", kept off indexes that cannot be used.
std::string read_source(const Table& table, const TableFacts& facts);

}  // namespace dbfixture::sqlite
