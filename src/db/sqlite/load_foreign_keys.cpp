// SPDX-License-Identifier: MIT
#include "db/sqlite/load_foreign_keys.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "db/orphans.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/row_identity.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

// What a reference of a row without an address is known by in the log of origins.
std::int64_t identity_of_values(std::size_t reference, std::span<const Value> values) {
    return static_cast<std::int64_t>(hash_key(values) ^ (reference * 0x9E3779B97F4A7C15U));
}

std::string touched_table(std::size_t table) {
    return cat("temp.dbfixture_touched_", table);
}

}  // namespace

ForeignKeyCheck::ForeignKeyCheck(LoadContext& context)
    : context_(context),
      referenced_by_(context.catalog.schema.tables.size()),
      watched_(context.catalog.schema.tables.size()) {
    for (std::size_t child = 0; child < referenced_by_.size(); ++child) {
        const auto& keys = context_.table(child).foreign_keys;
        for (std::size_t key = 0; key < keys.size(); ++key) {
            const auto parent = keys[key].parent;
            if (!keys[key].problem.empty() || !parent || keys[key].columns.empty()) continue;
            Reference reference{child, key, *parent, {}, {}};
            for (const std::string& name : keys[key].parent_columns)
                reference.columns.push_back(*context_.table(*parent).find_column(name));
            referenced_by_[*parent].push_back(references_.size());
            references_.push_back(std::move(reference));
        }
    }
}

void ForeignKeyCheck::watch(std::size_t table, bool was_empty) {
    Watched& watched = watched_[table];
    watched.watched = true;
    watched.was_empty = was_empty;
    if (was_empty || !is_child(table)) return;
    if (context_.table(table).key_kind == KeyKind::kNone) {
        for (Reference& reference : references_) {
            if (reference.child == table && can_be_asked(reference)) remember_orphans(reference);
        }
        return;
    }
    watched.touches = true;
}

// A table of its own is fastest; each that is made costs as much as there are prepared statements, so the keys of many
// tables go into one.
void ForeignKeyCheck::start_touching(std::size_t table) {
    constexpr std::size_t kMostOwn = 64;
    Watched& watched = watched_[table];
    const bool by_rowid = !context_.facts(table).rowid.empty();
    watched.shares = by_rowid && tables_of_touched_ >= kMostOwn;
    if (watched.shares) {
        if (!std::exchange(has_shared_, true)) {
            execute(context_.handle,
                    "CREATE TEMP TABLE dbfixture_touched(t INTEGER, k0 INTEGER, PRIMARY KEY (t, k0)) WITHOUT ROWID");
        }
        watched.touch = Statement(context_.handle,
                                  cat("INSERT OR IGNORE INTO temp.dbfixture_touched VALUES (", table, ", ?1)"), true);
        return;
    }
    ++tables_of_touched_;
    const std::size_t key_size = by_rowid ? 1 : context_.table(table).key.size();
    const std::string columns =
        by_rowid ? "k0 INTEGER PRIMARY KEY)"
                 : cat(numbered("k", key_size), ", PRIMARY KEY (", numbered("k", key_size), ")) WITHOUT ROWID");
    execute(context_.handle, cat("CREATE TEMP TABLE dbfixture_touched_", table, "(", columns));
    watched.touch =
        Statement(context_.handle,
                  cat("INSERT OR IGNORE INTO ", touched_table(table), " VALUES (", parameters(key_size), ")"), true);
}

void ForeignKeyCheck::touch(std::size_t table, std::int64_t rowid, std::span<const Value> key, const Origin& origin) {
    Watched& watched = watched_[table];
    const bool by_rowid = !context_.facts(table).rowid.empty();
    context_.origins.add(table, by_rowid ? rowid : static_cast<std::int64_t>(hash_key(key)), origin);
    if (!watched.touches) return;
    if (!watched.touch) start_touching(table);
    if (by_rowid) {
        watched.touch.bind(1, rowid);
    } else {
        for (std::size_t i = 0; i < key.size(); ++i)
            watched.touch.bind(static_cast<int>(i) + 1, key[i]);
    }
    watched.touch.run();
}

void ForeignKeyCheck::added(const BoundRow& row) {
    const auto& keys = context_.table(row.table).foreign_keys;
    std::vector<Value> values;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        values.clear();
        for (const std::size_t column : keys[i].columns) {
            const auto given = std::find(row.columns.begin(), row.columns.end(), column);
            if (given != row.columns.end())
                values.push_back(row.values[static_cast<std::size_t>(given - row.columns.begin())]);
        }
        if (values.size() == keys[i].columns.size())
            context_.origins.add(row.table, identity_of_values(i, values), row.origin);
    }
}

void ForeignKeyCheck::moved(std::size_t table, std::int64_t from, std::int64_t to) {
    context_.origins.move(table, from, to);
    if (!watched_[table].touch) return;
    const bool shares = watched_[table].shares;
    const std::string in = shares ? "temp.dbfixture_touched" : touched_table(table);
    Statement copy(context_.handle, cat("INSERT OR IGNORE INTO ", in, " SELECT ", shares ? "t, " : "", "?1 FROM ", in,
                                        " WHERE k0 = ?2", shares ? cat(" AND t = ", table) : std::string()));
    copy.bind(1, to).bind(2, from).run();
}

bool ForeignKeyCheck::child_columns_differ(std::size_t table, std::span<const Value> before,
                                           std::span<const Value> after) const {
    const auto& keys = context_.table(table).foreign_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
        return std::any_of(key.columns.begin(), key.columns.end(),
                           [&](std::size_t column) { return !same_value(before[column], after[column]); });
    });
}

void ForeignKeyCheck::replaced(std::size_t table, std::span<const Value> before, std::span<const Value> after,
                               const Origin& origin) {
    for (const std::size_t index : referenced_by_[table]) {
        Reference& reference = references_[index];
        bool changed = after.empty();
        bool null = false;
        for (const std::size_t column : reference.columns) {
            null |= before[column].is_null();
            changed |= !after.empty() && !same_value(before[column], after[column]);
        }
        if (!changed || null || !can_be_asked(reference)) continue;  // NULL is nobody's parent
        if (!reference.remember) start_remembering(reference);
        int parameter = 0;
        for (const std::size_t column : reference.columns)
            reference.remember.bind(++parameter, before[column]);
        reference.remember.bind(++parameter, static_cast<std::int64_t>(origin.file));
        reference.remember.bind(++parameter, static_cast<std::int64_t>(origin.line));
        reference.remember.bind(++parameter, static_cast<std::int64_t>(origin.record));
        reference.remember.run();
    }
}

// Each row that refers to nothing: its rowid (NULL without one) as r, its key as k0.., what it refers to as v0.., and
// as n how many rows are the same in all this: 1 where rows have an address.
std::string ForeignKeyCheck::orphans(const Reference& reference) const {
    const Table& child = context_.table(reference.child);
    const std::string& rowid = context_.facts(reference.child).rowid;
    std::string columns = rowid.empty() ? "NULL AS r" : cat("c.", rowid, " AS r");
    std::string group = rowid.empty() ? "" : cat("c.", rowid);
    const auto add = [&](std::size_t column, std::string_view prefix, std::size_t number) {
        const std::string name = cat("c.", quote_identifier(child.columns[column].name));
        append(columns, cat(", ", name, " AS ", prefix, number));
        append(group, cat(group.empty() ? "" : ", ", name, " COLLATE BINARY"));
    };
    for (std::size_t i = 0; i < child.key.size(); ++i)
        add(child.key[i], "k", i);
    const ForeignKey& key = child.foreign_keys[reference.key];
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        add(key.columns[i], "v", i);
    return cat("SELECT ", columns, ", count(*) AS n FROM ", qualified(child.name), " AS c WHERE ",
               orphan_condition(reference), " GROUP BY ", group);
}

std::string ForeignKeyCheck::old_orphans_of(const Reference& reference) {
    return cat("dbfixture_orphans_", reference.child, "_", reference.key);
}

void ForeignKeyCheck::remember_orphans(Reference& reference) {
    if (reference.knows_orphans) return;
    reference.knows_orphans = true;
    // A table for each of thousands of references would take longer than all the rest.
    if (!query_int(context_.handle, cat("SELECT 1 FROM (", orphans(reference), ") LIMIT 1"))) return;
    reference.has_old_orphans = true;
    const std::string name = old_orphans_of(reference);
    execute(context_.handle, cat("CREATE TEMP TABLE ", name, " AS ", orphans(reference)));
    execute(context_.handle, cat("CREATE INDEX temp.", name, "_i ON ", name, "(r, v0)"));
}

// As check_rows() has them: rowid, key, what is referred to.
Statement ForeignKeyCheck::find_new_orphans(const Reference& reference) const {
    const std::size_t key = context_.table(reference.child).key.size();
    const std::string key_columns = numbered("n.k", key);
    const std::string select = cat("SELECT n.r, ", key_columns, key_columns.empty() ? "" : ", ",
                                   numbered("n.v", reference.columns.size()), " FROM (", orphans(reference), ") AS n");
    if (!reference.has_old_orphans) return {context_.handle, select};
    std::vector<std::string> same = {"o.r IS n.r"};
    for (std::size_t i = 0; i < key; ++i)
        same.push_back(cat("o.k", i, " IS n.k", i));
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
        same.push_back(cat("o.v", i, " IS n.v", i));
    return {context_.handle, cat(select, " WHERE n.n > coalesce((SELECT o.n FROM temp.", old_orphans_of(reference),
                                 " AS o WHERE ", conjunction(same), "), 0)")};
}

bool ForeignKeyCheck::looks_at(std::size_t table, std::size_t column) const {
    const auto holds = [&](const std::vector<std::size_t>& columns) {
        return std::find(columns.begin(), columns.end(), column) != columns.end();
    };
    const auto& keys = context_.table(table).foreign_keys;
    const auto& references = referenced_by_[table];
    return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) { return holds(key.columns); }) ||
           std::any_of(references.begin(), references.end(),
                       [&](std::size_t index) { return holds(references_[index].columns); });
}

void ForeignKeyCheck::expect_triggers() {
    const auto& tables = context_.catalog.schema.tables;
    if (std::none_of(tables.begin(), tables.end(), [](const Table& table) { return table.has_triggers; })) return;
    for (Reference& reference : references_) {
        if (can_be_asked(reference)) remember_orphans(reference);
    }
}

void ForeignKeyCheck::check() {
    for (Reference& reference : references_) {
        const bool is_due = watched_[reference.child].watched || reference.remember || reference.has_refused;
        if (is_due && can_be_asked(reference)) check_reference(reference);
    }
    if (context_.options.fire_triggers) check_triggers();
}

void ForeignKeyCheck::check_reference(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    const Watched& watched = watched_[reference.child];
    const std::string rows = cat(qualified(child.name), " AS c");
    if (watched.watched && watched.was_empty) {
        check_rows(reference, {rows, "", false});
    } else if (watched.watched && child.key_kind == KeyKind::kNone) {
        Statement find = find_new_orphans(reference);
        if (find.step()) report(reference, find, false);
    } else if (watched.touch) {
        std::vector<std::string> terms;
        const TableFacts& facts = context_.facts(reference.child);
        for (std::size_t i = 0; facts.rowid.empty() && i < child.key.size(); ++i)
            terms.push_back(cat("c.", quote_identifier(child.columns[child.key[i]].name), " = t.k", i));
        const std::string match = facts.rowid.empty() ? conjunction(terms) : cat("c.", facts.rowid, " = t.k0");
        if (watched.shares) {
            check_rows(reference, {cat("temp.dbfixture_touched AS t CROSS JOIN ", rows),
                                   cat("t.t = ", reference.child, " AND ", match), false});
        } else {
            check_rows(reference, {cat(touched_table(reference.child), " AS t CROSS JOIN ", rows), match, false});
        }
    }
    if (reference.remember && !(watched.watched && watched.was_empty)) {
        const ForeignKey& key = child.foreign_keys[reference.key];
        std::vector<std::string> terms;
        for (std::size_t i = 0; i < key.columns.size(); ++i)
            terms.push_back(cat("o.k", i, " = +c.", quote_identifier(child.columns[key.columns[i]].name)));
        check_rows(reference,
                   {cat(rows, " CROSS JOIN temp.", memory_of(reference), " AS o"), conjunction(terms), true});
    }
    if (reference.has_refused) check_refused(reference);
}

// What the load itself brought has been reported by now, or is allowed.
void ForeignKeyCheck::check_triggers() {
    if (context_.options.allow_orphans) return;
    for (const Reference& reference : references_) {
        if (!reference.knows_orphans) continue;
        Statement find = find_new_orphans(reference);
        if (!find.step()) continue;
        Error error = violation(reference, find, false);
        error.detail = "A trigger wrote this row, or took away what it referred to.";
        error.hint = "load without --triggers, or with --allow-orphans to keep such rows";
        throw error;
    }
}

void ForeignKeyCheck::check_rows(const Reference& reference, const Source& source) {
    const Table& child = context_.table(reference.child);
    const TableFacts& facts = context_.facts(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::string columns = facts.rowid.empty() ? "NULL" : cat("c.", facts.rowid);
    for (const std::size_t column : child.key)
        append(columns, cat(", c.", quote_identifier(child.columns[column].name)));
    for (const std::size_t column : key.columns)
        append(columns, cat(", c.", quote_identifier(child.columns[column].name)));
    if (source.has_origin) columns += ", o.file, o.line, o.record";
    Statement find(context_.handle, cat("SELECT ", columns, " FROM ", source.from, " WHERE ", source.where,
                                        source.where.empty() ? "" : " AND ", orphan_condition(reference)));
    if (find.step()) report(reference, find, source.has_origin);
}

Error ForeignKeyCheck::dangling(const Reference& reference, std::span<const Value> refers_to) const {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::vector<std::string> values;
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        values.push_back(describe(refers_to[i]));
    return dangling_reference(child, key, values);
}

Error ForeignKeyCheck::violation(const Reference& reference, Statement& found, bool has_origin) {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    const bool by_rowid = !context_.facts(reference.child).rowid.empty();
    std::vector<Value> row_key, refers_to;
    int at = 1;
    for (std::size_t i = 0; i < child.key.size(); ++i)
        row_key.push_back(found.column(at++));
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        refers_to.push_back(found.column(at++));
    Error error = dangling(reference, refers_to);
    std::optional<Origin> origin;
    if (has_origin && found.column_is_null(at)) {
        error.detail = cat("The load emptied ", quote(key.parent_name), ", and no fixture brings that row back.");
    } else if (has_origin) {
        error.detail = "The load changed or replaced the row that it referred to.";
        origin = Origin{static_cast<std::uint32_t>(found.column_int(at)),
                        static_cast<std::uint32_t>(found.column_int(at + 1)),
                        static_cast<std::uint32_t>(found.column_int(at + 2))};
    } else {
        origin = context_.origins.find(reference.child, identity(reference, found, row_key));
    }
    if (origin) error.where = context_.place(*origin);
    error.where.table = child.name;
    if (!row_key.empty()) error.where.key = describe_key(row_key);
    if (row_key.empty() && by_rowid) error.where.key = cat("pk=", found.column_int(0));
    error.where.column = child.columns[key.columns[0]].name;
    if (context_.options.reword) context_.options.reword(error);
    return error;
}

// What the row is known by in the log of origins.
std::int64_t ForeignKeyCheck::identity(const Reference& reference, Statement& found, std::span<const Value> key) const {
    if (!context_.facts(reference.child).rowid.empty()) return found.column_int(0);
    if (!key.empty()) return static_cast<std::int64_t>(hash_key(key));
    std::vector<Value> values;
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
        values.push_back(found.column(static_cast<int>(i) + 1));
    return identity_of_values(reference.key, values);
}

void ForeignKeyCheck::report(const Reference& reference, Statement& found, bool has_origin) {
    if (context_.options.on_problem) return report_each(reference, found, has_origin);
    Error error = violation(reference, found, has_origin);
    std::uint64_t more = 0;
    while (found.step())
        ++more;
    report_orphans(std::move(error), more, context_.options, context_.report);
}

void ForeignKeyCheck::report_each(const Reference& reference, Statement& found, bool has_origin) {
    do {
        if (!parent_is_ignored(reference, found)) context_.options.on_problem(violation(reference, found, has_origin));
    } while (found.step());
}

void ForeignKeyCheck::ignore_parent(std::size_t table, std::span<const Value> key) {
    ignored_parents_.insert(hash_key(key) ^ (table * 0x9E3779B97F4A7C15U));
}

bool ForeignKeyCheck::is_ignored(const Reference& reference, std::span<const Value> refers_to) const {
    return reference.columns == context_.table(reference.parent).key &&
           ignored_parents_.contains(hash_key(refers_to) ^ (reference.parent * 0x9E3779B97F4A7C15U));
}

bool ForeignKeyCheck::parent_is_ignored(const Reference& reference, Statement& found) const {
    if (ignored_parents_.empty()) return false;
    std::vector<Value> refers_to;
    const auto first = static_cast<int>(context_.table(reference.child).key.size()) + 1;
    for (std::size_t i = 0; i < reference.columns.size(); ++i)
        refers_to.push_back(found.column(first + static_cast<int>(i)));
    return is_ignored(reference, refers_to);
}

}  // namespace dbfixture::sqlite
