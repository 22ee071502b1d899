// SPDX-License-Identifier: MIT
// Writes the rows of one table during a load: finds the row with the same key, inserts, updates or leaves alone, and
// sets aside what meets a UNIQUE value of another row.
//
//  1. A table that was empty is inserted into first, and looked into only where SQLite says that the key is there; any
//     other is looked into first (write_addressed).
//  2. Into a table that was empty, many rows go in by one statement, as long as nothing fails and each tells beforehand
//     where it can be found again (may_insert_many). The first failure ends that for good: rows are then written one by
//     one, which finds the bad one and says SQLite's words of it.
//  3. OR ABORT, or OR FAIL for many rows, stands in every statement: a conflict clause of the schema would delete other
//     rows.
//  4. A column that a record omits gets its default, in an update too. What affinity and defaults made of a row only
//  the
//     database knows: it is read again to say whether it changed.
//  5. A rowid beside a declared key addresses rows whose key has a NULL. A row there with a complete key is another
//  one,
//     and moves to a free rowid (displace).
//  6. A row that meets another row's UNIQUE value waits (set_aside.h), and so does each later row of the same key.
//  7. The plain indexes of a table that was empty are dropped while it grows (load_indexes.h), unless somebody is to
//     search it during the load.
//  8. The check of foreign keys hears of every row that is new, whose child columns changed, or that stands in place of
//     what others refer to (load_foreign_keys.h).
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/sqlite/load_context.h"
#include "db/sqlite/load_foreign_keys.h"
#include "db/sqlite/load_indexes.h"
#include "db/sqlite/set_aside.h"

namespace dbfixture::sqlite {

class TableLoader {
  public:
    // All must outlive it. Throws Error (kFailure) for a table that cannot be written here.
    TableLoader(LoadContext& context, ForeignKeyCheck& foreign_keys, IndexPause& indexes, SetAside& set_aside,
                std::size_t table);

    // Writes the first row, or as many of the first rows as one statement takes; returns how many. Throws Error with
    // the row's place for one that SQLite refuses.
    std::size_t write_some(std::span<const BoundRow> rows);
    void write(const BoundRow& row);

    // For rows that were set aside. Each returns false if the row still meets a UNIQUE value of another.
    bool retry(const BoundRow& row);
    // Deletes the row that has this row's key, so that others can take its values; its old values, or nothing if there
    // is none.
    std::optional<std::string> make_way(const BoundRow& row);
    // Inserts after make_way(); `before` is what that returned.
    bool put_back(const BoundRow& row, std::string_view before);

    bool was_empty() const { return was_empty_; }
    // Of the rows of the last write_some() or write(), which are alike in it.
    RowFate last_fate() const { return last_fate_; }
    // Someone will search the table during the load.
    void keep_indexes();

  private:
    // The statements for rows that give the same columns.
    struct Plan {
        std::string name;
        RowAddress address;
        std::vector<std::uint16_t> columns;
        std::vector<std::size_t> omitted;  // stored columns that the rows do not give
        Statement insert, insert_many, update;
        std::size_t many = 0;  // rows that insert_many takes; 0 if there are too many columns
    };
    // The row in the database that a record addresses. Values are of stored_, valid until the next find.
    struct Existing {
        std::int64_t rowid = 0;
        std::vector<Value> values;  // of all columns; generated ones that no foreign key looks at stay null
    };

    Plan& plan_for(const BoundRow& row);
    static bool fits(const Plan& plan, const BoundRow& row);
    std::string insert_sql(const Plan& plan, std::string_view on_conflict, std::size_t rows) const;
    Statement& update_of(Plan& plan);
    static int bind(Statement& statement, int parameter, const BoundRow& row);
    int insert(Plan& plan, const BoundRow& row);
    bool may_insert_many(const Plan& plan, std::span<const BoundRow> rows) const;
    std::size_t insert_many(Plan& plan, std::span<const BoundRow> rows);
    std::optional<std::int64_t> rowid_of(const BoundRow& row) const;
    bool find(const BoundRow& row, Statement& select, Existing& found);
    int update(Plan& plan, const BoundRow& row);
    int write_addressed(Plan& plan, const BoundRow& row);
    bool is_another_row(const BoundRow& row) const;
    std::int64_t free_rowid() const;
    void displace();
    std::int64_t rowid_apart(const BoundRow& row);
    bool says_the_same(const Plan& plan, const BoundRow& row) const;
    void put_aside(const BoundRow& row, std::uint64_t key);
    void inserted(const BoundRow& row, std::int64_t rowid);
    void inserted(const BoundRow& row);  // just now, by a statement of one row
    void track(const BoundRow& row, std::int64_t rowid);
    bool is_unique_failure(int code) const;
    std::vector<Value> stored_key(const Existing& existing) const;
    [[noreturn]] void refuse(const BoundRow& row, int code) const;

    LoadContext& context_;
    ForeignKeyCheck& foreign_keys_;
    IndexPause& indexes_;
    SetAside& set_aside_;
    std::size_t index_;
    const Table& table_;
    const TableFacts& facts_;
    TableCounts& counts_;
    bool was_empty_ = false;
    bool tracks_ = false;  // inserted rows are logged
    bool indexes_dropped_ = false;
    bool keeps_indexes_ = false;
    RowFate last_fate_ = RowFate::kChanged;
    bool one_by_one_ = false;
    // Records that leave out what is empty ask for nearly as many plans as there are records. Only so many are kept; a
    // reference to one is good until as many others have been asked for.
    static constexpr std::size_t kMostPlans = 200;
    std::list<Plan> plans_;
    std::unordered_map<std::string, std::list<Plan>::iterator> plans_by_name_;
    Plan* last_plan_ = nullptr;
    Statement by_key_, by_rowid_, again_by_key_, again_by_rowid_, delete_;
    Statement rowid_by_key_;  // where facts_.rowid_apart
    Existing existing_, now_;
};

}  // namespace dbfixture::sqlite
