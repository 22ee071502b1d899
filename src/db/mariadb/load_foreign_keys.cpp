// SPDX-License-Identifier: MIT
#include "db/mariadb/load_foreign_keys.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/many_rows.h"
#include "db/mariadb/row_failure.h"
#include "db/mariadb/sql_text.h"
#include "db/orphans.h"
#include "model/packed.h"

namespace dbfixture::mariadb {
namespace {

bool is_integer(ValueForm form) {
    return form == ValueForm::kInteger || form == ValueForm::kUnsigned || form == ValueForm::kBoolean;
}

// Of which KnownKeys may know. What triggers write, nobody here sees.
std::vector<std::optional<KeyReference>> integer_references(const LoadContext& context,
                                                            const std::vector<Reference>& references) {
    std::vector<std::optional<KeyReference>> out;
    for (const Reference& reference : references) {
        out.emplace_back();
        if (!reference.parent || reference.columns.size() != 1 || context.options.fire_triggers) continue;
        const KeyReference found = {reference.child, reference.columns[0], *reference.parent,
                                    reference.parent_indexes[0]};
        if (is_integer(context.facts(found.child).columns[found.child_column].form) &&
            is_integer(context.facts(found.parent).columns[found.parent_column].form))
            out.back() = found;
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
    for (const Shape shape : {kByKey, kByReferences})
        watched_[table].columns[shape] = logged_columns(table, shape);
}

std::vector<std::size_t> ForeignKeyCheck::child_columns_of(std::size_t table) const {
    std::vector<std::size_t> out;
    for (const ForeignKey& key : context_.table(table).foreign_keys) {
        for (const std::size_t column : key.columns) {
            if (std::ranges::find(out, column) == out.end()) out.push_back(column);
        }
    }
    return out;
}

std::vector<std::size_t> ForeignKeyCheck::parent_columns_of(std::size_t table) const {
    std::vector<std::size_t> out;
    for (const Reference* reference : to(table, false)) {
        for (const std::size_t column : reference->parent_indexes) {
            if (std::ranges::find(out, column) == out.end()) out.push_back(column);
        }
    }
    return out;
}

std::vector<std::size_t> ForeignKeyCheck::logged_columns(std::size_t table, Shape shape) const {
    if (shape == kByKey) return context_.table(table).key;
    std::vector<std::size_t> out = child_columns_of(table);
    std::erase_if(out, [&](std::size_t column) { return context_.table(table).columns[column].generated; });
    return out;
}

void ForeignKeyCheck::touched(const SentRow& row) {
    if (!is_child(row.table)) return;
    known_.refers(row.table, row.columns, row.values);
    const Shape shape = row.keyed ? kByKey : kByReferences;
    std::string fields;
    for (const std::size_t column : watched_[row.table].columns[shape]) {
        const Value* const value = row.find(column);
        pack_value(fields, value == nullptr ? Value::null() : *value);
    }
    watched_[row.table].logged[shape] = true;
    context_.log.keep(row.table, shape, row.number, fields);
}

std::vector<const Reference*> ForeignKeyCheck::to(std::size_t table, bool of_all) const {
    std::vector<const Reference*> out;
    for (const Reference& reference : references_) {
        if (reference.parent != table) continue;
        const bool by_key = std::ranges::all_of(
            reference.parent_indexes, [&](std::size_t column) { return context_.table(table).is_key_column(column); });
        if (of_all || !by_key) out.push_back(&reference);
    }
    return out;
}

const std::string& ForeignKeyCheck::memory_of(const Reference& reference) {
    std::string& name = states_[index_of(reference)].memory;
    if (!name.empty()) return name;
    return name = context_.temporary_table(
               cat(context_.typed_columns(*reference.parent, reference.parent_indexes, 'k'), ", n BIGINT NULL"));
}

void ForeignKeyCheck::remember(std::size_t table, bool of_all, const std::string& condition,
                               std::span<const Value> values, std::uint64_t number) {
    changing(table);
    for (const Reference* reference : to(table, of_all)) {
        std::string columns;
        for (const std::string& column : reference->parent_columns)
            append(columns, cat("t.", column, ", "));
        Statement(context_.session, cat("INSERT INTO ", memory_of(*reference), " SELECT ", columns, number, " FROM ",
                                        context_.facts(table).sql_name, " t WHERE ", condition))
            .execute(values);
    }
}

// Only keys that some row refers to: an orphan of before finds none.
void ForeignKeyCheck::emptied(std::size_t table) {
    for (const Reference* reference : to(table, true)) {
        if (reference->child == table) continue;
        const std::string& source = context_.facts(reference->child).sql_name;
        std::string columns;
        for (const std::string& column : reference->parent_columns)
            append(columns, cat("p.", column, ", "));
        context_.session.run(cat("INSERT INTO ", memory_of(*reference), " SELECT ", columns, "NULL FROM ",
                                 reference->parent_source, " p WHERE EXISTS (SELECT 1 FROM ", source, " c WHERE ",
                                 is_parent(*reference, child_columns(context_.catalog, *reference, "c")), ")"));
    }
}

bool ForeignKeyCheck::any(const std::string& sql) {
    return context_.session.run(cat(sql, " LIMIT 1", context_.now())).rows() > 0;
}

std::string ForeignKeyCheck::columns_of(const Reference& reference, std::string_view alias, bool with_key) const {
    const Table& child = context_.table(reference.child);
    std::string out;
    int number = 0;
    for (std::size_t i = 0; with_key && i < child.key.size(); ++i)
        append(out, cat(", ", alias, ".", quote_identifier(child.columns[child.key[i]].name), " AS q", ++number));
    for (const std::string& column : child_columns(context_.catalog, reference, alias))
        append(out, cat(", ", column, " AS q", ++number));
    return out;
}

// The fields of the log as a temporary table (n, c0, ...).
const std::string& ForeignKeyCheck::load_log(std::size_t table, Shape shape) {
    std::string& name = watched_[table].log[shape];
    if (!name.empty()) return name;
    const std::vector<std::size_t> columns = logged_columns(table, shape);
    name = context_.temporary_table(cat("n BIGINT NOT NULL, ", context_.typed_columns(table, columns, 'c')));
    constexpr std::size_t kAtOnce = 1000;
    ManyRows rows(context_.session, cat("INSERT INTO ", name), columns.size() + 1);
    Arena arena;
    std::vector<Value> values;
    const auto send = [&] {
        rows.send(values, values.size() / (columns.size() + 1));
        values.clear();
        arena.clear();
    };
    context_.log.for_each(table, shape, [&](std::uint64_t number, std::string_view fields) {
        values.push_back(Value::integer(static_cast<std::int64_t>(number)));
        std::string_view bytes = arena.copy(fields);
        for (std::size_t i = 0; i < columns.size(); ++i)
            values.push_back(unpack_value(bytes, arena));
        if (values.size() >= kAtOnce * (columns.size() + 1)) send();
    });
    if (!values.empty()) send();
    return name;
}

void ForeignKeyCheck::check() {
    for (const Reference& reference : references_)
        check_reference(reference);
    if (context_.options.fire_triggers) check_triggers();
}

void ForeignKeyCheck::check_reference(const Reference& reference) {
    const Watched& watched = watched_[reference.child];
    const std::vector<std::string> values = child_columns(context_.catalog, reference, "c");
    const std::string& source = context_.facts(reference.child).sql_name;
    const bool ask = watched.watched && !known_.holds(index_of(reference));
    if (ask && watched.was_empty) {
        if (any(any_orphan(reference))) check_all_rows(reference);
    } else if (ask) {
        if (watched.logged[kByKey]) check_logged(reference);
        if (watched.logged[kByReferences]) check_sent(reference);
    }
    const State& state = states_[index_of(reference)];
    if (!state.memory.empty() && !(watched.watched && watched.was_empty)) {
        std::vector<std::string> same;
        for (std::size_t i = 0; i < values.size(); ++i)
            same.push_back(cat("o.k", i, " = ", values[i]));
        report(reference, {cat("SELECT o.n", columns_of(reference, "c", true), " FROM ", state.memory, " o JOIN ",
                               source, " c ON ", conjunction(same), " WHERE ", is_orphan(reference, values)),
                           true, true});
    }
    if (!state.refused.empty()) check_refused(reference);
}

// By the rows themselves: of an index, the server would look up each row that this transaction has written. And each
// value once. Not IS NULL, which the server takes to be true of a zero date in a column that is NOT NULL.
std::string ForeignKeyCheck::any_orphan(const Reference& reference) const {
    const Table& child = context_.table(reference.child);
    const TableFacts& facts = context_.facts(reference.child);
    const bool has_primary =
        std::ranges::any_of(facts.indexes, [](const IndexFacts& i) { return i.name == "PRIMARY"; });
    std::string columns;
    std::vector<std::string> values, set;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
        const std::string name = quote_identifier(child.columns[reference.columns[i]].name);
        append(columns, cat(i == 0 ? "" : ", ", name, " AS k", i));
        set.push_back(cat(name, " IS NOT NULL"));
        values.push_back(cat("c.k", i));
    }
    return cat("SELECT 1 FROM (SELECT DISTINCT ", columns, " FROM ", facts.sql_name,
               has_primary ? " FORCE INDEX (PRIMARY)" : "", " WHERE ", conjunction(set), context_.now(),
               ") c LEFT JOIN ", reference.parent_source, " p ON ", is_parent(reference, values), " WHERE p.",
               reference.parent_columns[0], " <=> NULL");
}

// Rule 2.
void ForeignKeyCheck::check_logged(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    const std::vector<std::string> values = child_columns(context_.catalog, reference, "c");
    std::vector<std::string> same;
    for (std::size_t i = 0; i < child.key.size(); ++i)
        same.push_back(cat("c.", quote_identifier(child.columns[child.key[i]].name), " = x.c", i));
    report(reference, {cat("SELECT x.n", columns_of(reference, "c", true), " FROM ", load_log(reference.child, kByKey),
                           " x STRAIGHT_JOIN ", context_.facts(reference.child).sql_name, " c ON ", conjunction(same),
                           " WHERE ", is_orphan(reference, values))});
}

// Rule 5.
void ForeignKeyCheck::check_sent(const Reference& reference) {
    const std::vector<std::size_t> logged = logged_columns(reference.child, kByReferences);
    std::vector<std::string> sent;
    std::string columns;
    for (const std::size_t column : reference.columns) {
        const auto at = std::ranges::find(logged, column);
        if (at == logged.end()) return;
        sent.push_back(cat("c.c", at - logged.begin()));
        append(columns, cat(", ", sent.back(), " AS q", sent.size()));
    }
    report(reference, {cat("SELECT c.n", columns, " FROM ", load_log(reference.child, kByReferences), " c WHERE ",
                           is_orphan(reference, sent)),
                       false});
}

// There are some: which records brought them?
void ForeignKeyCheck::check_all_rows(const Reference& reference) {
    const Table& child = context_.table(reference.child);
    const Shape shape = child.key.empty() ? kByReferences : kByKey;
    const std::vector<std::size_t> logged = logged_columns(reference.child, shape);
    const std::string& log = load_log(reference.child, shape);
    std::vector<std::string> same;
    for (std::size_t i = 0; i < logged.size(); ++i)
        same.push_back(cat("l.c", i, " <=> c.", quote_identifier(child.columns[logged[i]].name)));
    report(reference, {cat("SELECT (SELECT max(l.n) FROM ", log, " l WHERE ", conjunction(same), ") AS n",
                           columns_of(reference, "c", true), " FROM ", context_.facts(reference.child).sql_name,
                           " c WHERE ", is_orphan(reference, child_columns(context_.catalog, reference, "c")))});
}

}  // namespace dbfixture::mariadb
