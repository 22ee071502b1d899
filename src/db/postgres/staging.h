// SPDX-License-Identifier: MIT
// The SQL of a staging table: rows on their way into a table that has rows already.
//
//  1. A temporary table of the target's own types, so that COPY refuses what the target would refuse, by line: n (the
//     row's number in the log), g (which columns it gives), w (it waits for others to make way), c0, c1, ...: a column
//     for each of the table's that is not generated. Generated ones are computed anew.
//  2. "t" is the target's row, "s" the staged one. Whether a row says anything new is told byte by byte.
//  3. Omitted columns go to their default, but not those that a sequence numbers.
//  4. Columns GENERATED ALWAYS AS IDENTITY cannot be updated: where one that is no key is given, rows are rewritten.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/postgres/load_context.h"

namespace dbfixture::postgres {

// Rows that give the same columns.
struct ColumnSet {
    std::vector<std::uint16_t> columns;  // ascending
    bool keyed = true;                   // the key is among them
};

class Staging {
  public:
    // `sets` grows while the object lives.
    Staging(LoadContext& context, std::size_t table, const std::vector<ColumnSet>& sets);

    const std::string& name() const { return name_; }
    const std::vector<std::size_t>& columns() const { return columns_; }  // of the table, in the order c0, c1, ...
    std::string copy() const;

    // Rows that are new, that change a row, or both where one is not told from the other.
    std::string insert(std::size_t set, const std::string& rows) const;
    std::string update(std::size_t set, const std::string& rows) const;  // "" where there is nothing to update
    // Deletes what changes and inserts it again, in one statement: the numbers of rows deleted and inserted.
    std::string rewrite(const std::string& rows) const;
    std::string delete_changed(const std::string& rows) const;
    // "n, is new" of rows with a key.
    std::string classify(const std::string& rows) const;
    // Whether any of the rows is new or changes one.
    std::string says_anything(const std::string& rows) const;
    std::string same_key(std::string_view a, std::string_view b) const;  // of two staged rows
    std::string key_list(std::string_view alias) const;
    std::string joined() const;  // t and s have the same key
    bool must_rewrite(std::size_t set) const;

    // Whether the row changes, or brings, any of these columns.
    std::string brings(const std::vector<std::size_t>& columns) const;
    // Whether the staged row changes these columns of the row t, with which it shares the key.
    std::string changes(const std::vector<std::size_t>& columns) const;
    std::string is_keyed(const std::string& rows) const;

  private:
    bool refuses_null(std::size_t column) const;
    std::string type_of(std::size_t column) const;
    std::string staged(std::size_t column) const;  // "s.c3"
    std::string named(std::size_t column) const;   // "\"name\""
    bool resets(std::size_t set, std::size_t column) const;
    std::string changed(std::size_t set) const;
    std::string changed_in_any() const;
    std::string values_after(std::size_t set, const std::vector<std::size_t>& columns) const;

    LoadContext& context_;
    std::size_t table_;
    const std::vector<ColumnSet>& sets_;
    std::string name_;
    std::vector<std::size_t> columns_;
    std::vector<std::size_t> places_;  // table column -> number of its c
};

}  // namespace dbfixture::postgres
