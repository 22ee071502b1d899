// SPDX-License-Identifier: MIT
// The rows of one table during a load.
//
//  1. Rows are put by as text and sent in pieces while more come; a batch ends at 10,000 rows, inside a savepoint.
//  2. Into a table that was empty they are copied straight. When a value turns out to be another row's there, the batch
//     is staged instead, and all after it.
//  3. Into any other they go through a staging table (staging.h), and from there into the table at the end, when
//     somebody asks for them, or when very many wait. Rows of a table without a key are new, and copied straight.
//  4. Merging: a key twice in the stream, the last wins; then UPDATE what changes, INSERT what is new. What another
//     row's UNIQUE value stops, is tried as DELETE and INSERT in one statement, then in halves; a single row that
//     still cannot go in waits for others to make way.
//  5. At the end the rows that wait go in together: all their old selves are deleted, and all inserted. What collides
//     even then is an error that names its record.
//  6. Where COPY says which line it stopped at, that names the record; else halves do.
//  7. With on_problem, everything is staged, and a bad row is reported and left out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/copy.h"
#include "db/postgres/copy_batch.h"
#include "db/postgres/ladder.h"
#include "db/postgres/load_foreign_keys.h"
#include "db/postgres/load_indexes.h"
#include "db/postgres/load_numbers.h"
#include "db/postgres/row_failure.h"
#include "db/postgres/staging.h"

namespace dbfixture::postgres {

class TableLoader;

struct LoadParts {
    LoadContext& context;
    Ladder& ladder;
    ForeignKeyCheck& foreign_keys;
    IndexPause& indexes;
    Numbers& numbers;
    TableLoader* copying = nullptr;         // whose COPY is open
    std::vector<RowFate>* fates = nullptr;  // of the rows that are written now
    std::uint64_t first_fate = 0;           // the number of the first of them
    bool by_index = false;                  // enable_seqscan is off
};

class TableLoader {
  public:
    TableLoader(LoadParts& parts, std::size_t table);

    void write(const BoundRow& row);
    // All that was written is in the table, or waits.
    void settle();
    // Rows that wait, too.
    void finish();
    // Ends the COPY that is open; what was put by and not yet sent stays.
    void end_copy();

    std::size_t table() const { return table_; }
    bool was_empty() const { return was_empty_; }
    bool has_deferred_constraints() const { return deferred_; }
    std::uint64_t written() const { return written_; }
    // Refuses a row before it is sent.
    void refuse(const BoundRow& row, Error error);
    SentRow sent_row(const BoundRow& row) const;

  private:
    bool staged() const { return staging_ != nullptr; }
    void stage();  // all rows from now on
    std::size_t set_of(const BoundRow& row, bool keyed);
    void encode(const BoundRow& row, std::size_t set);
    void note_key(const BoundRow& row);
    void log_fields(const BoundRow& row, bool keyed, std::uint64_t number);
    std::string copy_sql(std::size_t set) const;
    void pump(bool all);
    void begin_copy();
    void end_batch();
    void insert_defaults();
    void batch_failed(const PgError& error);
    void resend(std::size_t from, std::size_t to);
    bool try_copy(std::size_t from, std::size_t to, std::optional<PgError>& failure);
    std::size_t find_failing(std::size_t from, std::size_t to);
    void stage_batch();
    SentRow row_of_batch(std::size_t index, const PgError& error) const;
    bool is_bag_table() const;
    void forget_row(const SentRow& row);
    void refuse_sent(const SentRow& row, const PgError& error);
    void set_fate(std::uint64_t number, RowFate fate);

    // table_merge.cpp
    void merge();
    bool says_anything(const std::string& rows);
    void merged();
    void classify(const std::string& rows);
    std::uint64_t drop_repeated(const std::string& rows);
    void track(const std::string& rows);
    void apply(std::uint64_t after, std::uint64_t to);
    bool try_apply(const std::string& rows, std::optional<PgError>& failure);
    bool try_rewrite(const std::string& rows, std::optional<PgError>& failure);
    void put_aside(std::uint64_t number);
    void rewrite_waiting();
    void name_collision(std::optional<PgError> failure);
    std::optional<std::uint64_t> first_colliding(std::uint64_t after, std::uint64_t to,
                                                 std::optional<PgError>& failure);
    SentRow staged_row(std::uint64_t number);
    void drop_staged(std::uint64_t number);
    std::string between(std::uint64_t after, std::uint64_t to) const;
    void plan_for(std::uint64_t rows);

    LoadParts& parts_;
    LoadContext& context_;
    std::size_t table_;
    bool was_empty_ = false;
    bool paused_ = false;  // its indexes
    bool is_child_ = false;
    bool traced_ = false;    // rows that are copied straight must be found again
    bool deferred_ = false;  // has constraints that are only checked at the end
    std::vector<ColumnSet> sets_;
    std::size_t last_set_ = 0;
    std::size_t switches_ = 0;
    std::unique_ptr<Staging> staging_;
    CopyBatch batch_;
    std::size_t batch_set_ = 0;
    std::unique_ptr<CopyIn> copy_;
    std::uint64_t written_ = 0;
    std::uint64_t in_staging_ = 0;  // rows that have not been merged, without those that wait
    std::uint64_t merged_to_ = 0, last_number_ = 0;
    std::uint64_t waiting_ = 0, refused_ = 0;
    bool numbered_ = false;  // the staging table has an index by number
    bool ascending_ = true;  // keys of rows in staging, one after the other
    bool compares_keys_ = false;
    std::vector<std::int64_t> last_key_, this_key_;
    std::string fields_;
    std::vector<Value> numbered_values_;
    std::vector<std::uint16_t> numbered_columns_;
};

}  // namespace dbfixture::postgres
