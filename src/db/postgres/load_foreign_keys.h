// SPDX-License-Identifier: MIT
// Foreign keys of a load, checked by query at its end (DESIGN 4). None acts while rows go in (ladder.h), so records may
// point forward, across fixtures and in cycles.
//
//  1. A table that was empty before the load holds only loaded rows: all of them are checked.
//  2. Of any other table, the rows that were inserted and those whose child columns changed are checked ("touched").
//  3. Where a parent key was changed or its row deleted (for good, or until it is put back), the rows that still refer
//     to the old value are checked. Of a table that is emptied, the keys that rows of others refer to are remembered
//     so.
//  4. Rows that were orphans before, and that the load left as they were, are nobody's fault: no rule names them.
//  5. Rows that the load itself cannot address (a bag's, or numbered by a default) are checked as they were sent.
//  6. With triggers firing, rows may change that no record names: orphans of every reference are counted before and
//     after.
//  7. Values are compared by the key's own operators; a reference with a null part refers to nothing, unless it is
//     MATCH FULL.
//  8. What the load itself knows to hold (db/known_keys.h), rule 1 does not ask for: of tables into which all rows were
//     copied straight.
//  9. A record that `check` leaves out for another fault is checked by the values that it gives.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "db/known_keys.h"
#include "db/postgres/load_context.h"
#include "db/postgres/reference.h"
#include "db/postgres/row_failure.h"

namespace dbfixture::postgres {

class ForeignKeyCheck {
  public:
    // How rows of a table are known in the log (row_log.h).
    enum Shape { kByKey = 0, kByReferences = 1 };

    ForeignKeyCheck(LoadContext& context, const std::vector<Reference>& references);

    // Before the first row of a table is written.
    void watch(std::size_t table, bool was_empty);
    bool is_child(std::size_t table) const { return !context_.table(table).foreign_keys.empty(); }
    // A row that is copied straight into its table. unsure(): such rows may not be there, or be changed or deleted.
    void copied(const BoundRow& row) {
        known_.present(row.table, row.columns, row.values);
        known_.refers(row.table, row.columns, row.values);
    }
    void unsure(std::size_t table) { known_.unsure(table); }
    // The columns that a shape logs, in order.
    std::vector<std::size_t> logged_columns(std::size_t table, Shape shape) const;

    // Before the first row of the load, if triggers are to fire (rule 6).
    void expect_triggers();
    // The temporary table (n, k0, ...) of the rows that were touched; made when first asked for.
    const std::string& touched(std::size_t table);
    // References to the table by other columns than its key's, whose values a load may change.
    std::vector<const Reference*> by_other_columns(std::size_t table) const;
    // References to the table.
    std::vector<const Reference*> to(std::size_t table) const;
    // The temporary table (k0, ..., n) of old values of the parent's columns.
    const std::string& memory_of(const Reference& reference);
    // Before all rows of a table are deleted.
    void emptied(std::size_t table);

    // The fields of the log as a temporary table (n, c0, ...), with the rows that were touched.
    const std::string& load_log(std::size_t table, Shape shape);

    void refused(const SentRow& row);
    // References to this key are somebody else's fault (LoadSession::note_bad_record).
    void ignore_parent(std::size_t table, const std::vector<std::string>& key);

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
        std::string touched, log_by_key, log_by_references;
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
    std::string columns_of(const Reference& reference, std::string_view alias, bool with_key) const;
    void check_reference(const Reference& reference);
    void check_all_rows(const Reference& reference);
    void check_refused(const Reference& reference);
    void check_triggers();
    std::string count_orphans(const Reference& reference) const;
    bool any(const std::string& sql);
    void lock_parents();
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

}  // namespace dbfixture::postgres
