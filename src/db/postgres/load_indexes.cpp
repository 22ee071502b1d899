// SPDX-License-Identifier: MIT
#include "db/postgres/load_indexes.h"

#include <algorithm>

#include "base/cat.h"
#include "db/postgres/deferred_constraints.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"

namespace dbfixture::postgres {

bool IndexPause::may_go(std::size_t table, const IndexFacts& index) const {
    const Table& of = context_.table(table);
    const bool unique = index.unique && (of.key.empty() || index.columns.empty() || index.columns == of.key);
    return index.plain && index.valid && !unique && !index.primary && !index.constraint && !index.replica_identity &&
           !index.clustered;
}

bool IndexPause::may_drop_any(std::size_t table) const {
    const TableFacts& facts = context_.facts(table);
    return facts.owned && facts.kind == 'r' && !context_.scratch && !context_.options.fire_triggers;
}

bool IndexPause::may_drop_unique(std::size_t table) const {
    const TableFacts& facts = context_.facts(table);
    return may_drop_any(table) && std::any_of(facts.indexes.begin(), facts.indexes.end(), [&](const IndexFacts& index) {
               return index.unique && may_go(table, index);
           });
}

void IndexPause::drop(std::size_t table) {
    const TableFacts& facts = context_.facts(table);
    if (!may_drop_any(table) || kept_.contains(table)) return;
    std::string numbers, names;
    for (const IndexFacts& index : facts.indexes) {
        if (may_go(table, index)) append(numbers, cat(numbers.empty() ? "" : ", ", index.oid));
    }
    if (numbers.empty()) return;
    const Result plain = context_.session.run(
        cat("SELECT c.oid, pg_get_indexdef(c.oid) FROM pg_class c WHERE c.oid IN (", numbers,
            ") AND c.reltablespace = 0 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = "
            "'pg_class'::regclass AND d.deptype IN ('e', 'x')) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE "
            "k.conindid = c.oid) AND NOT EXISTS (SELECT FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = "
            "'pg_class'::regclass) AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND "
            "a.attstattarget >= 0) ORDER BY c.relname COLLATE \"C\""));
    for (int row = 0; row < plain.rows(); ++row) {
        const auto index = std::ranges::find(facts.indexes, static_cast<Oid>(plain.integer(row, 0)), &IndexFacts::oid);
        append(names, cat(names.empty() ? "" : ", ", quote_identifier(index->schema, index->name)));
        dropped_.push_back({table, &*index, plain.string(row, 1)});
    }
    if (!names.empty()) context_.session.run(cat("DROP INDEX ", names));
}

void IndexPause::build(const Dropped& dropped) {
    Savepoint savepoint(context_.session, "dbfixture_index");
    try {
        context_.session.run(dropped.definition);
        savepoint.keep();
    } catch (const PgError& error) {
        savepoint.undo();
        if (!dropped.index->unique || error.diagnostics.sqlstate != kUniqueViolation) throw;
        if (const auto found = unique_violation(context_, rows_, dropped.table, *dropped.index)) throw *found;
        throw;
    }
}

void IndexPause::keep(std::size_t table) {
    if (!kept_.insert(table).second) return;
    std::erase_if(dropped_, [&](const Dropped& dropped) {
        if (dropped.table != table) return false;
        try {
            build(dropped);
        } catch (const PgError& error) {
            if (error.diagnostics.sqlstate != kObjectInUse) throw;
            return false;
        }
        return true;
    });
}

void IndexPause::rebuild() {
    for (const Dropped& dropped : dropped_)
        build(dropped);
    dropped_.clear();
}

}  // namespace dbfixture::postgres
