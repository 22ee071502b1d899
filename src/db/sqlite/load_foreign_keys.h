// SPDX-License-Identifier: MIT
// Foreign keys of a load, checked by key at its end (DESIGN 4). Enforcement is off while rows go in, so records may
// point forward, across fixtures and in cycles, and no ON UPDATE or ON DELETE action runs.
//
//  1. A table that was empty before the load holds only loaded rows: all of them are checked.
//  2. Of any other table, the rows that were inserted and those whose child columns changed are checked ("touched").
//     Child columns may be generated: what counts is what the row then holds.
//  3. A touched row that gets another rowid stays touched, and known by its record; any other stays untouched.
//  4. Where a parent key was changed or its row deleted (for good, or until it is put back), the rows that still refer
//     to the old value are checked.
//     Of a table that is emptied, the keys that rows of others refer to are remembered so.
//  5. Rows that were orphans before, and that the load left as they were, are nobody's fault: no rule names them.
//  6. Rows without any address cannot be touched. They are only ever added, so a value that more of them refer to in
//     vain than before the first came is a fault.
//  7. Values are compared as SQLite's own enforcement does: with the parent column's affinity and collation
//     (https://sqlite.org/foreignkeys.html#fk_basics).
//  8. A reference with a null part refers to nothing, and a key with a null part is nobody's parent.
//  9. Triggers that fire may change rows that no record names: every orphan is then compared with those from before, by
//     its row and by what it refers to.
// 10. A record that `check` leaves out for another fault is checked by the values that it gives.
// 11. A reference that cannot be asked here (its parent lacks something in this build) is not checked; the load says
// so.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "db/sqlite/load_context.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

class ForeignKeyCheck {
  public:
    explicit ForeignKeyCheck(LoadContext& context);

    // Before the first row of a table is written.
    void watch(std::size_t table, bool was_empty);
    bool is_child(std::size_t table) const { return !context_.table(table).foreign_keys.empty(); }
    bool is_parent(std::size_t table) const { return !referenced_by_[table].empty(); }

    // True if a change of the column can make an orphan: of this table's rows, or of those that refer to them.
    bool looks_at(std::size_t table, std::size_t column) const;

    // Before the first row of the load, if triggers are to fire (rule 9).
    void expect_triggers();

    // A row that was inserted or whose child columns changed. `rowid` for tables that have one, `key` (Table::key) for
    // the others.
    void touch(std::size_t table, std::int64_t rowid, std::span<const Value> key, const Origin& origin);
    // A row without an address was added.
    void added(const BoundRow& row);
    // A row got another rowid and stayed what it is.
    void moved(std::size_t table, std::int64_t from, std::int64_t to);
    // True if the two versions of a row (all columns of the table) differ in a child column.
    bool child_columns_differ(std::size_t table, std::span<const Value> before, std::span<const Value> after) const;
    // A row that was changed or deleted: its old values (all columns), and the new ones (empty if it is gone for now).
    void replaced(std::size_t table, std::span<const Value> before, std::span<const Value> after, const Origin& origin);

    // The values of a record that is left out (LoadSession::note_references).
    void refused(const BoundRow& row);
    // Why a key of the table was not checked (rule 11); "" if it was.
    std::string unchecked(std::size_t table, std::size_t key) const;
    // Before all rows of a table are deleted.
    void emptied(std::size_t table);

    // References to this key are somebody else's fault (LoadSession::note_bad_record).
    void ignore_parent(std::size_t table, std::span<const Value> key);

    // Throws Error (kInput) for the first violation, or warns with --allow-orphans.
    void check();

  private:
    struct Reference {
        std::size_t child;
        std::size_t key;  // index into the child's foreign_keys
        std::size_t parent;
        std::vector<std::size_t> columns;       // of the parent
        Statement remember;                     // INSERT into the table of old parent keys, prepared when first needed
        bool knows_orphans = false;             // those from before are known,
        bool has_old_orphans = false;           // and there are some, in a table
        bool has_refused = false;               // rows of rule 10 are in a table
        std::optional<bool> can_be_asked = {};  // rule 11; found out when first needed
    };
    struct Unchecked {
        std::size_t child, key;
        std::string why;
    };
    struct Watched {
        bool watched = false;
        bool was_empty = false;
        bool touches = false;  // its rows are touched by key
        bool shares = false;   // in the table of many tables' keys
        Statement touch;       // prepared when first needed
    };
    struct Source {
        std::string from;
        std::string where;
        bool has_origin = false;
    };

    std::string parent_column(const Reference& reference, std::size_t i) const;
    std::string no_parent(const Reference& reference, const std::vector<std::string>& values) const;
    std::string orphan_condition(const Reference& reference) const;
    static std::string memory_of(const Reference& reference);
    std::string orphans(const Reference& reference) const;
    static std::string old_orphans_of(const Reference& reference);
    void remember_orphans(Reference& reference);
    Statement find_new_orphans(const Reference& reference) const;
    bool can_be_asked(Reference& reference);
    void keep_refused(Reference& reference, const BoundRow& row);
    void check_refused(const Reference& reference);
    void start_touching(std::size_t table);
    void start_remembering(Reference& reference);
    void check_reference(const Reference& reference);
    void check_triggers();
    void remember_referenced(Reference& reference);
    std::string match(const Reference& reference) const;
    void check_rows(const Reference& reference, const Source& source);
    void report(const Reference& reference, Statement& found, bool has_origin);
    void report_each(const Reference& reference, Statement& found, bool has_origin);
    Error violation(const Reference& reference, Statement& found, bool has_origin);
    std::int64_t identity(const Reference& reference, Statement& found, std::span<const Value> key) const;
    Error dangling(const Reference& reference, std::span<const Value> refers_to) const;
    bool is_ignored(const Reference& reference, std::span<const Value> refers_to) const;
    bool parent_is_ignored(const Reference& reference, Statement& found) const;

    LoadContext& context_;
    std::vector<Reference> references_;
    std::vector<Unchecked> unchecked_;
    std::vector<std::vector<std::size_t>> referenced_by_;  // table -> references whose parent it is
    std::vector<Watched> watched_;
    std::size_t tables_of_touched_ = 0;
    bool has_shared_ = false;
    std::unordered_set<std::uint64_t> ignored_parents_;
};

}  // namespace dbfixture::sqlite
