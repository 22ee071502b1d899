// SPDX-License-Identifier: MIT
// Rules 6 and 8 of ForeignKeyCheck: what triggers leave behind, and records that are left out.
#include "base/cat.h"
#include "db/postgres/load_foreign_keys.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"

namespace dbfixture::postgres {
namespace {

std::string identity(std::size_t table, const std::vector<std::string>& key) {
    std::string out = cat(table);
    for (const std::string& part : key)
        append(out, cat('\n', part.size(), ':', part));
    return out;
}

}  // namespace

std::string ForeignKeyCheck::count_orphans(const Reference& reference) const {
    return cat("SELECT count(*) FROM ", context_.facts(reference.child).read_source, " c WHERE ",
               is_orphan(reference, child_columns(context_.catalog, reference, "c")));
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
            cat("SELECT NULL", columns_of(reference, "c", true), " FROM ", context_.facts(reference.child).read_source,
                " c WHERE ", is_orphan(reference, child_columns(context_.catalog, reference, "c")), " LIMIT 1"));
        Error error = violation(reference, {}, row, 0);
        error.detail = "A trigger wrote this row, or took away what it referred to.";
        error.hint = "load without --triggers, or with --allow-orphans to keep such rows";
        throw error;
    }
}

void ForeignKeyCheck::ignore_parent(std::size_t table, const std::vector<std::string>& key) {
    ignored_parents_.insert(identity(table, key));
}

bool ForeignKeyCheck::is_ignored(const Reference& reference, const std::vector<std::string>& refers_to) const {
    return reference.parent && reference.parent_indexes == context_.table(*reference.parent).key &&
           ignored_parents_.contains(identity(*reference.parent, refers_to));
}

// A column that the record leaves out has its default; without one it is NULL, which refers to nothing.
void ForeignKeyCheck::refused(const SentRow& row) {
    if (!row.origin) return;
    const Table& child = context_.table(row.table);
    for (const Reference& reference : references_) {
        if (reference.child != row.table) continue;
        std::string columns, expressions;
        std::vector<Parameter> values;
        bool refers = true;
        for (std::size_t i = 0; i < reference.columns.size(); ++i) {
            const SentRow::Field& field = row.fields[reference.columns[i]];
            const ColumnFacts& facts = context_.facts(row.table).columns[reference.columns[i]];
            const Column& column = child.columns[reference.columns[i]];
            refers &= field.given ? field.text.has_value() : column.default_text.has_value();
            append(columns, cat("k", i, " ", facts.type_name, ", "));
            if (field.given) values.push_back(field.text);
            append(expressions, field.given ? cat("$", values.size(), "::", facts.type_name, ", ")
                                            : cat("(", column.default_text.value_or("NULL"), "), "));
        }
        if (!refers) continue;
        std::string& table = states_[index_of(reference)].refused;
        if (table.empty()) table = context_.temporary_table(cat(columns, "n int8, key text"));
        values.emplace_back(std::to_string(context_.log.add(*row.origin)));
        values.emplace_back(describe_key(context_, row));
        try {
            Savepoint savepoint(context_.session, "dbfixture_refused");
            context_.session.run(
                cat("INSERT INTO ", table, " SELECT ", expressions, "$", values.size() - 1, "::int8, $", values.size()),
                values);
            savepoint.keep();
        } catch (const PgError& error) {
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
        context_.session.run(cat("SELECT ", columns, "c.n, c.key FROM ", states_[index_of(reference)].refused,
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

}  // namespace dbfixture::postgres
