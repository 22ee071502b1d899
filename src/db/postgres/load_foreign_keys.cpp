// SPDX-License-Identifier: MIT
#include "db/postgres/load_foreign_keys.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "db/orphans.h"
#include "db/postgres/copy.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"

namespace dbfixture::postgres {
namespace {

// Of which KnownKeys may know. What triggers write, nobody here sees.
std::vector<std::optional<KeyReference>> integer_references(const LoadContext& context,
                                                            const std::vector<Reference>& references) {
    std::vector<std::optional<KeyReference>> out;
    for (const Reference& reference : references) {
        out.emplace_back();
        if (!reference.parent || reference.columns.size() != 1 || reference.parent_indexes.size() != 1) continue;
        const TableFacts &child = context.facts(reference.child), &parent = context.facts(*reference.parent);
        const std::size_t column = reference.columns[0], refers_to = reference.parent_indexes[0];
        if (child.triggers.empty() && parent.triggers.empty() && child.columns[column].form == ValueForm::kInteger &&
            parent.columns[refers_to].form == ValueForm::kInteger)
            out.back() = KeyReference{reference.child, column, *reference.parent, refers_to};
    }
    return out;
}

}  // namespace

ForeignKeyCheck::ForeignKeyCheck(LoadContext& context, const std::vector<Reference>& references)
    : context_(context),
      references_(references),
      known_(context.catalog.facts.size(), integer_references(context, references)),
      states_(references.size()),
      watched_(context.catalog.schema.tables.size()) {}

void ForeignKeyCheck::watch(std::size_t table, bool was_empty) {
    watched_[table].watched = true;
    watched_[table].was_empty = was_empty;
}

std::vector<std::size_t> ForeignKeyCheck::logged_columns(std::size_t table, Shape shape) const {
    if (shape == kByKey) return context_.table(table).key;
    std::vector<std::size_t> out;
    for (const ForeignKey& key : context_.table(table).foreign_keys) {
        for (const std::size_t column : key.columns) {
            const bool is_new = std::find(out.begin(), out.end(), column) == out.end();
            if (is_new && !context_.table(table).columns[column].generated) out.push_back(column);
        }
    }
    return out;
}

const std::string& ForeignKeyCheck::touched(std::size_t table) {
    std::string& name = watched_[table].touched;
    if (!name.empty()) return name;
    std::string columns;
    const std::vector<std::size_t>& key = context_.table(table).key;
    for (std::size_t i = 0; i < key.size(); ++i)
        append(columns, cat(", k", i, " ", context_.facts(table).columns[key[i]].type_name));
    return name = context_.temporary_table(cat("n int8", columns));
}

std::vector<const Reference*> ForeignKeyCheck::to(std::size_t table) const {
    std::vector<const Reference*> out;
    for (const Reference& reference : references_) {
        if (reference.parent == table) out.push_back(&reference);
    }
    return out;
}

std::vector<const Reference*> ForeignKeyCheck::by_other_columns(std::size_t table) const {
    std::vector<const Reference*> out = to(table);
    std::erase_if(out, [&](const Reference* reference) {
        return std::all_of(reference->parent_indexes.begin(), reference->parent_indexes.end(),
                           [&](std::size_t column) { return context_.table(table).is_key_column(column); });
    });
    return out;
}

const std::string& ForeignKeyCheck::memory_of(const Reference& reference) {
    std::string& name = states_[index_of(reference)].memory;
    if (!name.empty()) return name;
    std::string columns;
    for (std::size_t i = 0; i < reference.parent_indexes.size(); ++i)
        append(columns, cat("k", i, " ",
                            context_.facts(*reference.parent).columns[reference.parent_indexes[i]].type_name, ", "));
    return name = context_.temporary_table(cat(columns, "n int8"));
}

// Only keys that some row refers to: an orphan of before finds none.
void ForeignKeyCheck::emptied(std::size_t table) {
    for (const Reference* reference : to(table)) {
        if (reference->child == table) continue;
        const std::string source = context_.facts(reference->child).read_source;
        if (!any(cat("SELECT FROM ", source))) continue;
        std::string columns;
        for (const std::string& column : reference->parent_columns)
            append(columns, cat("p.", column, ", "));
        context_.session.run(cat("INSERT INTO ", memory_of(*reference), " SELECT ", columns, "NULL FROM ",
                                 reference->parent_source, " p WHERE EXISTS (SELECT FROM ", source, " c WHERE ",
                                 is_parent(*reference, child_columns(context_.catalog, *reference, "c")), ")"));
    }
}

bool ForeignKeyCheck::any(const std::string& sql) {
    return context_.session.run(cat("SELECT EXISTS (", sql, ")")).boolean(0, 0);
}

std::string ForeignKeyCheck::columns_of(const Reference& reference, std::string_view alias, bool with_key) const {
    const Table& child = context_.table(reference.child);
    std::string out;
    for (std::size_t i = 0; with_key && i < child.key.size(); ++i)
        append(out, cat(", ", alias, ".", quote_identifier(child.columns[child.key[i]].name)));
    for (const std::string& column : child_columns(context_.catalog, reference, alias))
        append(out, cat(", ", column));
    return out;
}

// The fields of the log as a temporary table (n, c0, ...), with the rows that are touched.
const std::string& ForeignKeyCheck::load_log(std::size_t table, Shape shape) {
    Watched& watched = watched_[table];
    std::string& name = shape == kByKey ? watched.log_by_key : watched.log_by_references;
    if (!name.empty()) return name;
    const std::vector<std::size_t> logged = logged_columns(table, shape);
    std::string columns;
    for (std::size_t i = 0; i < logged.size(); ++i)
        append(columns, cat(", c", i, " ", context_.facts(table).columns[logged[i]].type_name));
    name = context_.temporary_table(cat("n int8", columns));
    CopyIn copy(context_.session, cat("COPY ", name, " FROM STDIN"));
    std::string lines;
    context_.log.for_each(table, shape, [&](std::uint64_t row, std::string_view fields) {
        append(lines, cat(row, '\t', fields, '\n'));
        if (lines.size() < 65536) return;
        copy.put(lines);
        lines.clear();
    });
    copy.put(lines);
    copy.finish();
    if (shape == kByKey && !watched.touched.empty())
        context_.session.run(cat("INSERT INTO ", name, " SELECT * FROM ", watched.touched));
    return name;
}

void ForeignKeyCheck::check() {
    if (std::none_of(watched_.begin(), watched_.end(), [](const Watched& watched) { return watched.watched; }) &&
        context_.deleted_from.empty())
        return;
    lock_parents();
    for (const Reference& reference : references_)
        check_reference(reference);
    if (context_.options.fire_triggers) check_triggers();
}

// Somebody else who is about to delete a parent that our rows refer to would not see them.
void ForeignKeyCheck::lock_parents() {
    std::string list;
    for (std::size_t table = 0; table < watched_.size(); ++table) {
        const TableFacts& facts = context_.facts(table);
        const bool may = facts.can_update || facts.can_delete || facts.can_truncate;
        const auto children = to(table);
        const bool needed = std::any_of(children.begin(), children.end(),
                                        [&](const Reference* reference) { return watched_[reference->child].watched; });
        if (needed && may && !watched_[table].watched) append(list, cat(list.empty() ? "" : ", ", facts.read_source));
    }
    if (!list.empty() && !context_.scratch) context_.session.run(cat("LOCK TABLE ", list, " IN SHARE MODE"));
}

void ForeignKeyCheck::check_reference(const Reference& reference) {
    const Watched& watched = watched_[reference.child];
    const Table& child = context_.table(reference.child);
    const std::vector<std::string> values = child_columns(context_.catalog, reference, "c");
    const std::string source = context_.facts(reference.child).read_source;
    if (watched.watched && watched.was_empty) {
        if (!known_.holds(index_of(reference)) &&
            any(cat("SELECT FROM ", source, " c WHERE ", is_orphan(reference, values))))
            check_all_rows(reference);
    } else if (watched.watched && !watched.touched.empty()) {
        std::vector<std::string> same;
        for (std::size_t i = 0; i < child.key.size(); ++i) {
            const ColumnFacts& column = context_.facts(reference.child).columns[child.key[i]];
            same.push_back(cat("c.", quote_identifier(child.columns[child.key[i]].name), " ",
                               context_.operators.equality(column.base_type), " x.k", i));
        }
        report(reference, {cat("SELECT x.n", columns_of(reference, "c", true), " FROM ", watched.touched, " x JOIN ",
                               source, " c ON ", conjunction(same), " WHERE ", is_orphan(reference, values))});
    }
    if (watched.watched && !watched.was_empty) {
        const std::vector<std::size_t> logged = logged_columns(reference.child, kByReferences);
        bool any_logged = false;
        context_.log.for_each(reference.child, kByReferences,
                              [&](std::uint64_t, std::string_view) { any_logged = true; });
        std::vector<std::string> sent;
        for (const std::size_t column : reference.columns) {
            const auto at = std::find(logged.begin(), logged.end(), column);
            if (at != logged.end()) sent.push_back(cat("c.c", at - logged.begin()));
        }
        if (any_logged && sent.size() == values.size()) {
            std::string columns;
            for (const std::string& column : sent)
                append(columns, cat(", ", column));
            report(reference, {cat("SELECT c.n", columns, " FROM ", load_log(reference.child, kByReferences),
                                   " c WHERE ", is_orphan(reference, sent)),
                               false});
        }
    }
    const State& state = states_[index_of(reference)];
    if (!state.memory.empty() && !(watched.watched && watched.was_empty)) {
        std::vector<std::string> same;
        for (std::size_t i = 0; i < values.size(); ++i)
            same.push_back(cat("o.k", i, " ", reference.operators[i], " ", values[i]));
        report(reference, {cat("SELECT o.n", columns_of(reference, "c", true), " FROM ", state.memory, " o JOIN ",
                               source, " c ON ", conjunction(same), " WHERE ", is_orphan(reference, values)),
                           true, true});
    }
    if (!state.refused.empty()) check_refused(reference);
}

// There are some: which records brought them?
void ForeignKeyCheck::check_all_rows(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    const TableFacts& facts = context_.facts(reference.child);
    const Shape shape = child.key.empty() ? kByReferences : kByKey;
    const std::vector<std::size_t> logged = logged_columns(reference.child, shape);
    const std::string log = load_log(reference.child, shape);
    std::vector<std::string> same;
    for (std::size_t i = 0; i < logged.size(); ++i) {
        const bool asked = shape == kByKey || std::find(reference.columns.begin(), reference.columns.end(),
                                                        logged[i]) != reference.columns.end();
        if (asked)
            same.push_back(cat("c.", quote_identifier(child.columns[logged[i]].name), " ",
                               context_.operators.equality(facts.columns[logged[i]].base_type), " l.c", i));
    }
    report(reference, {cat("SELECT (SELECT max(l.n) FROM ", log, " l WHERE ", conjunction(same), ")",
                           columns_of(reference, "c", true), " FROM ", facts.read_source, " c WHERE ",
                           is_orphan(reference, child_columns(context_.catalog, reference, "c")))});
}

Error ForeignKeyCheck::dangling(const Reference& reference, const std::vector<std::string>& refers_to) const {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::vector<std::string> values;
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        values.push_back(describe_text(context_, reference.child, key.columns[i], refers_to[i]));
    return dangling_reference(child, key, values);
}

Error ForeignKeyCheck::violation(const Reference& reference, const Found& found, const Result& row, int at) {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::vector<std::string> row_key, refers_to;
    int column = 1;
    for (std::size_t i = 0; found.has_key && i < child.key.size(); ++i)
        row_key.push_back(row.string(at, column++));
    for (std::size_t i = 0; i < key.columns.size(); ++i)
        refers_to.push_back(
            row.is_null(at, column + static_cast<int>(i)) ? "null" : row.string(at, column + static_cast<int>(i)));
    Error error = dangling(reference, refers_to);
    if (found.by_parent && row.is_null(at, 0)) {
        error.detail = cat("The load emptied ", quote(key.parent_name), ", and no fixture brings that row back.");
    } else if (found.by_parent) {
        error.detail = "The load changed or replaced the row that it referred to.";
    }
    if (!row.is_null(at, 0)) {
        const auto origin = context_.log.origin(static_cast<std::uint64_t>(row.integer(at, 0)));
        if (origin) error.where = context_.place(*origin);
    }
    error.where.table = child.label();
    error.where.key = describe_key(context_, reference.child, row_key);
    error.where.column = child.columns[key.columns[0]].name;
    return context_.reworded(std::move(error));
}

void ForeignKeyCheck::report(const Reference& reference, const Found& found) {
    const bool each = context_.options.on_problem != nullptr;
    const Result rows = context_.session.run(
        cat("SELECT q.*, count(*) OVER () FROM (", found.sql, ") q ORDER BY 1 NULLS LAST, 2", each ? "" : " LIMIT 1"));
    if (rows.rows() == 0) return;
    if (each) {
        const int first = 1 + static_cast<int>(found.has_key ? context_.table(reference.child).key.size() : 0);
        for (int i = 0; i < rows.rows(); ++i) {
            std::vector<std::string> refers_to;
            for (std::size_t k = 0; k < reference.columns.size(); ++k)
                refers_to.push_back(rows.string(i, first + static_cast<int>(k)));
            if (!is_ignored(reference, refers_to)) context_.options.on_problem(violation(reference, found, rows, i));
        }
        return;
    }
    Error error = violation(reference, found, rows, 0);
    const auto more = static_cast<std::uint64_t>(rows.integer(0, rows.columns() - 1)) - 1;
    report_orphans(std::move(error), more, context_.options, context_.report);
}

}  // namespace dbfixture::postgres
