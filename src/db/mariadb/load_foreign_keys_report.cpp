// SPDX-License-Identifier: MIT
// What ForeignKeyCheck says of what it found; rules 6 and 7: what triggers leave behind, and records that are left out.
#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/load_foreign_keys.h"
#include "db/mariadb/row_failure.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/statement.h"
#include "db/orphans.h"

namespace dbfixture::mariadb {
namespace {

std::string identity(std::size_t table, const std::vector<std::string>& key) {
    std::string out = cat(table);
    for (const std::string& part : key)
        append(out, cat('\n', part.size(), ':', part));
    return out;
}

}  // namespace

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
        refers_to.push_back(row.string(at, column + static_cast<int>(i)));
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
    const Result rows = context_.session.run(cat("SELECT q.*, count(*) OVER () FROM (", found.sql, context_.now(),
                                                 ") q ORDER BY q.n IS NULL, q.n, 2", each ? "" : " LIMIT 1"));
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
    const int last = 1 + static_cast<int>((found.has_key ? context_.table(reference.child).key.size() : 0) +
                                          reference.columns.size());
    const auto more = static_cast<std::uint64_t>(rows.integer(0, last)) - 1;
    report_orphans(std::move(error), more, context_.options, context_.report);
}

std::string ForeignKeyCheck::count_orphans(const Reference& reference) const {
    return cat("SELECT count(*) FROM ", context_.facts(reference.child).sql_name, " c WHERE ",
               is_orphan(reference, child_columns(context_.catalog, reference, "c")), context_.now());
}

void ForeignKeyCheck::expect_triggers() {
    for (const Reference& reference : references_)
        states_[index_of(reference)].old_orphans =
            static_cast<std::uint64_t>(context_.session.number(count_orphans(reference)).value_or(0));
}

// What the load itself brought has been reported by now, or is allowed.
void ForeignKeyCheck::check_triggers() {
    if (context_.options.allow_orphans) return;
    for (const Reference& reference : references_) {
        const auto now = static_cast<std::uint64_t>(context_.session.number(count_orphans(reference)).value_or(0));
        if (now <= states_[index_of(reference)].old_orphans) continue;
        const Result row = context_.session.run(
            cat("SELECT NULL", columns_of(reference, "c", true), " FROM ", context_.facts(reference.child).sql_name,
                " c WHERE ", is_orphan(reference, child_columns(context_.catalog, reference, "c")), " LIMIT 1"));
        Error error = violation(reference, {}, row, 0);
        error.detail = "A trigger wrote this row, or took away what it referred to.";
        error.hint = "load without --triggers, or with --allow-orphans to keep such rows";
        throw error;
    }
}

void ForeignKeyCheck::ignore_parent(std::size_t table, std::span<const Value> key) {
    std::vector<std::string> texts;
    for (const Value& value : key)
        texts.push_back(value_text(value));
    ignored_parents_.insert(identity(table, texts));
}

bool ForeignKeyCheck::is_ignored(const Reference& reference, const std::vector<std::string>& refers_to) const {
    return reference.parent && reference.parent_indexes == context_.table(*reference.parent).key &&
           ignored_parents_.contains(identity(*reference.parent, refers_to));
}

// A column that the record leaves out has its default; without one it is NULL, which refers to nothing.
void ForeignKeyCheck::refused(const SentRow& row) {
    const Table& child = context_.table(row.table);
    for (const Reference& reference : references_) {
        if (reference.child != row.table) continue;
        std::string expressions;
        std::vector<Value> values;
        bool refers = true;
        for (const std::size_t column : reference.columns) {
            const Value* const given = row.find(column);
            const auto& fallback = child.columns[column].default_text;
            refers &= given != nullptr ? !given->is_null() : fallback.has_value();
            if (given != nullptr) values.push_back(*given);
            append(expressions, given != nullptr ? "?, " : cat("(", fallback.value_or("NULL"), "), "));
        }
        if (!refers) continue;
        std::string& table = states_[index_of(reference)].refused;
        if (table.empty()) {
            table = context_.temporary_table(
                cat(context_.typed_columns(row.table, reference.columns, 'k'), ", n BIGINT, `key` TEXT"));
        }
        const std::string key = describe_key(context_, row);
        values.push_back(Value::integer(static_cast<std::int64_t>(context_.log.add(row.origin))));
        values.push_back(Value::text(key));
        try {
            Statement(context_.session, cat("INSERT INTO ", table, " VALUES (", expressions, "?, ?)")).execute(values);
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kInput) throw;  // the value itself is what was refused
        }
    }
}

void ForeignKeyCheck::check_refused(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    std::vector<std::string> values;
    std::string columns;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        values.push_back(cat("c.k", i));
        append(columns, cat("c.k", i, ", "));
    }
    const Result rows =
        context_.session.run(cat("SELECT ", columns, "c.n, c.`key` FROM ", states_[index_of(reference)].refused,
                                 " c WHERE ", is_orphan(reference, values), " ORDER BY n"));
    const int at = static_cast<int>(values.size());
    for (int i = 0; i < rows.rows(); ++i) {
        std::vector<std::string> refers_to;
        for (int k = 0; k < at; ++k)
            refers_to.push_back(rows.string(i, k));
        if (is_ignored(reference, refers_to)) continue;
        Error error = dangling(reference, refers_to);
        const auto origin = context_.log.origin(static_cast<std::uint64_t>(rows.integer(i, at)));
        if (origin) error.where = context_.place(*origin);
        error.where.table = child.label();
        error.where.key = rows.string(i, at + 1);
        error.where.column = child.columns[child.foreign_keys[reference.key].columns[0]].name;
        context_.options.on_problem(error);
    }
}

}  // namespace dbfixture::mariadb
