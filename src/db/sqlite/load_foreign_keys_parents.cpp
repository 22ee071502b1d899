// SPDX-License-Identifier: MIT
// The parents of load_foreign_keys.h: which row a reference names (rule 7), and keys that changed or went (rule 4).
#include "base/cat.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/load_foreign_keys.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

std::string_view affinity(ColumnType type) {
    switch (type) {
        case ColumnType::kInteger:
            return "INTEGER";
        case ColumnType::kReal:
            return "REAL";
        case ColumnType::kBoolean:
        case ColumnType::kNumeric:
            return "NUMERIC";
        case ColumnType::kText:
            return "TEXT";
        default:
            return "BLOB";
    }
}

std::optional<std::string> collation_in(const TableFacts& facts, std::span<const std::size_t> columns,
                                        std::size_t column, bool defaults) {
    for (const Index& index : facts.indexes) {
        const bool may_be_parent = index.unique && index.plain_columns && index.columns.size() == columns.size();
        if (!may_be_parent || index.default_collations != defaults) continue;
        for (std::size_t i = 0; i < index.columns.size(); ++i) {
            if (index.columns[i] == column) return index.collations[i];
        }
    }
    return std::nullopt;
}

// The collation of a parent column, from the unique index that makes it a parent key. One with collations of its own
// can only be the primary key, where the reference names no columns.
std::string collation_of(const TableFacts& facts, std::span<const std::size_t> columns, std::size_t column) {
    if (const auto usual = collation_in(facts, columns, column, true)) return *usual;
    return collation_in(facts, columns, column, false).value_or("BINARY");
}

}  // namespace

void ForeignKeyCheck::emptied(std::size_t table) {
    for (const std::size_t index : referenced_by_[table]) {
        Reference& reference = references_[index];
        const bool has_rows =
            reference.child != table && can_be_asked(reference) &&
            query_int(context_.handle,
                      cat("SELECT 1 FROM ", qualified(context_.table(reference.child).name), " LIMIT 1"))
                .has_value();
        if (has_rows) remember_referenced(reference);
    }
}

// Only keys that some row refers to: an orphan of before finds none.
void ForeignKeyCheck::remember_referenced(Reference& reference) {
    if (!reference.remember) start_remembering(reference);
    std::string columns;
    for (const std::size_t column : reference.columns)
        append(columns, cat("p.", quote_identifier(context_.table(reference.parent).columns[column].name), ", "));
    execute(context_.handle,
            cat("INSERT OR IGNORE INTO temp.", memory_of(reference), " SELECT DISTINCT ", columns,
                "NULL, NULL, NULL FROM ", qualified(context_.table(reference.child).name), " AS c CROSS JOIN ",
                qualified(context_.table(reference.parent).name), " AS p WHERE ", match(reference)));
}

std::string ForeignKeyCheck::memory_of(const Reference& reference) {
    return cat("dbfixture_parents_", reference.child, "_", reference.key);
}

void ForeignKeyCheck::start_remembering(Reference& reference) {
    const Table& parent = context_.table(reference.parent);
    std::string columns;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        const std::size_t column = reference.columns[i];
        append(columns,
               cat("k", i, " ", affinity(parent.columns[column].type), " COLLATE ",
                   quote_identifier(collation_of(context_.facts(reference.parent), reference.columns, column)), ", "));
    }
    const std::string keys = numbered("k", reference.columns.size());
    execute(context_.handle, cat("CREATE TEMP TABLE ", memory_of(reference), "(", columns,
                                 "file, line, record, PRIMARY KEY (", keys, ")) WITHOUT ROWID"));
    reference.remember = Statement(context_.handle,
                                   cat("INSERT OR IGNORE INTO temp.", memory_of(reference), " VALUES (",
                                       parameters(reference.columns.size() + 3), ")"),
                                   true);
}

std::string ForeignKeyCheck::parent_column(const Reference& reference, std::size_t i) const {
    const Table& parent = context_.table(reference.parent);
    const TableFacts& facts = context_.facts(reference.parent);
    const std::size_t column = reference.columns[i];
    std::string out = cat("p.", quote_identifier(parent.columns[column].name));
    // Only then may it differ from the column's own.
    if (!facts.key_collations.empty())
        append(out, cat(" COLLATE ", quote_identifier(collation_of(facts, reference.columns, column))));
    return out;
}

std::string ForeignKeyCheck::no_parent(const Reference& reference, const std::vector<std::string>& values) const {
    std::vector<std::string> match;
    for (std::size_t i = 0; i < values.size(); ++i)
        match.push_back(cat(parent_column(reference, i), " = ", values[i]));
    return cat("NOT EXISTS (SELECT 1 FROM ", qualified(context_.table(reference.parent).name), " AS p WHERE ",
               conjunction(match), ")");
}

// Unary plus takes the child column's affinity away, so that the parent's alone decides; the parent's collation does
// because it stands on the left.
std::string ForeignKeyCheck::orphan_condition(const Reference& reference) const {
    const Table& child = context_.table(reference.child);
    std::vector<std::string> terms, values;
    for (const std::size_t i : child.foreign_keys[reference.key].columns) {
        const std::string column = quote_identifier(child.columns[i].name);
        terms.push_back(cat("c.", column, " IS NOT NULL"));
        values.push_back(cat("+c.", column));
    }
    return cat(conjunction(terms), " AND ", no_parent(reference, values));
}

// That p is the row which c refers to.
std::string ForeignKeyCheck::match(const Reference& reference) const {
    const Table& child = context_.table(reference.child);
    const ForeignKey& key = child.foreign_keys[reference.key];
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        terms.push_back(
            cat(parent_column(reference, i), " = +c.", quote_identifier(child.columns[key.columns[i]].name)));
    }
    return conjunction(terms);
}

}  // namespace dbfixture::sqlite
