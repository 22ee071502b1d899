// SPDX-License-Identifier: MIT
// The rows of one table during a load.
//
//  1. Rows that give the same columns are put by and sent as a batch, one statement for all of it.
//  2. Into a table that was empty, and into one without a key, they are inserted. Into any other, the server is asked
//     first which of them are there (locked until the end): the others are inserted, these updated by their key, the
//     spelling of the key too. Never ON DUPLICATE KEY UPDATE, which takes any unique key for the row's.
//  3. A statement that fails has done nothing. Its rows then go one by one, each asked for first, which tells a row
//  that
//     comes twice and names the one that is bad.
//  4. What another row's UNIQUE value stops, waits for others to make way. At the end the waiting rows are tried again
//     as long as any goes in; those that are left go in together: all their old selves are deleted, and all inserted.
//     What collides even then is an error that names its record.
//  5. With on_problem, a bad row is reported and left out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "db/file_texts.h"
#include "db/mariadb/load_context.h"
#include "db/mariadb/load_foreign_keys.h"
#include "db/mariadb/load_numbers.h"
#include "db/mariadb/many_rows.h"
#include "db/mariadb/row_failure.h"

namespace dbfixture::mariadb {

struct LoadParts {
    LoadContext& context;
    ForeignKeyCheck& foreign_keys;
    Numbers& numbers;
    std::vector<RowFate>* fates = nullptr;  // of the rows that are written now
    std::uint64_t first_fate = 0;           // the number of the first of them
};

class TableLoader {
  public:
    // Throws kRefused for a table that must not be written: with triggers that would fire, without transactions.
    TableLoader(LoadParts& parts, std::size_t table);

    void write(const BoundRow& row);
    // All that was written is in the table, or waits.
    void settle();
    // Rows that wait, too.
    void finish();

    std::size_t table() const { return table_; }
    bool was_empty() const { return was_empty_; }

  private:
    // The statements for rows that give the same columns.
    struct Statements {
        std::vector<std::uint16_t> columns;
        bool keyed = false;
        std::optional<ManyRows> insert;
        std::optional<Statement> insert_one, update;
        std::optional<Statement> find_one, find_many;
    };
    struct Outcome {
        bool there = false;       // a row with its key
        bool child_same = false;  // its columns that refer to others are what is sent
        bool parent_same = false;
    };

    bool take(const BoundRow& row);
    void check_nulls(const SentRow& row) const;
    void check_sizes(const SentRow& row) const;
    void refuse(const SentRow& row, Error error);
    void set_fate(const SentRow& row, RowFate fate);
    Statements& statements_of(const std::vector<std::uint16_t>& columns, bool keyed);
    SentRow row_at(std::size_t index) const;

    // table_batch.cpp: rule 2
    void insert_batch(std::span<const SentRow> rows);
    void merge_batch(std::span<const SentRow> rows);
    void update_batch(std::span<const SentRow> rows);
    bool try_statement(const std::function<void()>& action);
    std::vector<Value> values_of(std::span<const SentRow> rows, bool with_key) const;
    void inserted(const SentRow& row);
    void there(const SentRow& row, const Outcome& outcome);
    bool is_raw(const SentRow& row) const;
    bool goes_alone(const SentRow& row) const { return row.large || is_raw(row); }

    // table_exact.cpp: rule 3
    std::vector<Outcome> find(std::span<const SentRow> rows);
    std::string find_sql(const Statements& statements, std::size_t count) const;
    std::string key_condition() const;
    void write_one(const SentRow& row);
    bool try_one(const SentRow& row, std::optional<ServerError>& collision);
    void insert_one(const SentRow& row);
    void update_one(const SentRow& row, const Outcome& found);
    std::string update_sql() const;

    // table_raw.cpp: values that the strict mode refuses
    void write_raw(const SentRow& row, const Outcome& found);

    // table_waiting.cpp: rule 4
    void put_aside(const SentRow& row);
    SentRow waiting_row(std::int64_t number, Arena& arena);
    bool retry_waiting();
    bool rewrite_waiting();
    void insert_again(const SentRow& row, bool was_there);

    LoadParts& parts_;
    LoadContext& context_;
    std::size_t table_;
    bool was_empty_ = false;
    bool is_child_ = false;
    std::vector<std::size_t> watched_;  // columns whose change matters to foreign keys
    std::size_t watched_children_ = 0;  // so many of them, the first, refer to others
    std::vector<std::unique_ptr<Statements>> statements_;
    Statements* current_ = nullptr;

    // The batch.
    Arena arena_;
    std::vector<Value> values_;
    std::vector<SentRow> rows_;  // their values are found by row_at()
    std::size_t bytes_ = 0;

    std::string raw_;  // a temporary table, "" before it is made
    std::unique_ptr<FileTexts> waiting_texts_;
    std::vector<std::int64_t> waiting_;
};

}  // namespace dbfixture::mariadb
