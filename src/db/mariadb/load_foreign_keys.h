// SPDX-License-Identifier: MIT
// Foreign keys of a load, checked by query at its end (DESIGN 4). The server enforces none meanwhile, and none acts;
// and it would not look again when it is told to enforce them.
//
//  1. A table that was empty before the load holds only loaded rows: all of them are checked.
//  2. Of any other table, the rows that were inserted and those whose child columns changed are checked: those that are
//     in the log by their key.
//  3. Where a parent key was changed or its row deleted (for good, or until it is put back), the rows that still refer
//     to the old value are checked. Of a table that is emptied, the keys that rows of others refer to are remembered
//     so.
//  4. Rows that were orphans before, and that the load left as they were, are nobody's fault: no rule names them.
//  5. Rows whose key the load does not know (a bag's, or numbered by a default) are checked as they were sent.
//  6. With triggers firing, rows may change that no record names: orphans of every reference are counted before and
//     after.
//  7. What the load itself knows to hold (db/known_keys.h), rules 1, 2 and 5 do not ask for.
//  8. A record that `check` leaves out for another fault is checked by the values that it gives.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "db/known_keys.h"
#include "db/mariadb/load_context.h"
#include "db/mariadb/reference.h"

namespace dbfixture::mariadb {

class ForeignKeyCheck {
  public:
    // How rows of a table are known in the log (db/row_log.h).
    enum Shape { kByKey = 0, kByReferences = 1 };

    ForeignKeyCheck(LoadContext& context, const std::vector<Reference>& references);

    // Before the first row of a table is written.
    void watch(std::size_t table, bool was_empty);
    bool is_child(std::size_t table) const { return !context_.table(table).foreign_keys.empty(); }
    // Columns whose change matters: those that refer to others, and those that others refer to and that are no key.
    std::vector<std::size_t> child_columns_of(std::size_t table) const;
    std::vector<std::size_t> parent_columns_of(std::size_t table) const;
    // A row that is in its table now as it was sent.
    void present(const SentRow& row) { known_.present(row.table, row.columns, row.values); }
    // A row that was inserted, or whose child columns changed. Its number is in the log.
    void touched(const SentRow& row);
    // Rows of the table may go, or come and go.
    void changing(std::size_t table) { known_.changing(table); }

    // Before the first row of the load, if triggers are to fire (rule 6).
    void expect_triggers();
    // References to the table; without `of_all`, those by columns that are not its key's.
    std::vector<const Reference*> to(std::size_t table, bool of_all) const;
    // Before rows go or get other values (rule 3): a condition on rows "t", and its parameters. `number`: in the log.
    void remember(std::size_t table, bool of_all, const std::string& condition, std::span<const Value> values,
                  std::uint64_t number);
    // Before all rows of a table are deleted.
    void emptied(std::size_t table);

    void refused(const SentRow& row);
    // References to this key are somebody else's fault (LoadSession::note_bad_record).
    void ignore_parent(std::size_t table, std::span<const Value> key);

    // Throws Error (kInput) for the first violation, or warns with --allow-orphans.
    void check();

  private:
    struct State {
        std::string memory;  // names of temporary tables, "" before they are made
        std::string refused;
        std::uint64_t old_orphans = 0;
    };
    struct Watched {
        bool watched = false, was_empty = false;
        bool logged[2] = {false, false};      // by shape
        std::vector<std::size_t> columns[2];  // that are logged
        std::string log[2];                   // names of temporary tables
    };
    // Orphans, as a query: n (NULL where no record is known), the child's key, what is referred to.
    struct Found {
        std::string sql;
        bool has_key = true;
        bool by_parent = false;  // the parent's change made them orphans
    };

    std::size_t index_of(const Reference& reference) const {
        return static_cast<std::size_t>(&reference - references_.data());
    }
    const std::string& memory_of(const Reference& reference);
    std::vector<std::size_t> logged_columns(std::size_t table, Shape shape) const;
    const std::string& load_log(std::size_t table, Shape shape);
    std::string columns_of(const Reference& reference, std::string_view alias, bool with_key) const;
    std::string any_orphan(const Reference& reference) const;
    void check_reference(const Reference& reference);
    void check_all_rows(const Reference& reference);
    void check_logged(const Reference& reference);
    void check_sent(const Reference& reference);
    void check_refused(const Reference& reference);
    void check_triggers();
    std::string count_orphans(const Reference& reference) const;
    bool any(const std::string& sql);
    void report(const Reference& reference, const Found& found);
    Error violation(const Reference& reference, const Found& found, const Result& row, int at);
    Error dangling(const Reference& reference, const std::vector<std::string>& refers_to) const;
    bool is_ignored(const Reference& reference, const std::vector<std::string>& refers_to) const;

    LoadContext& context_;
    const std::vector<Reference>& references_;
    KnownKeys known_;
    std::vector<State> states_;  // parallel to references_
    std::vector<Watched> watched_;
    std::unordered_set<std::string> ignored_parents_;
};

}  // namespace dbfixture::mariadb
