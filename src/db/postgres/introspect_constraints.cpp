// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/cat.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// A partition may carry a foreign key that the whole table does not: its rows are the table's.
void add_foreign_key(Catalog& catalog, const Places& places, std::size_t at, const Result& found, int row) {
    ForeignKeyFacts facts;
    facts.oid = static_cast<Oid>(found.integer(row, 1));
    facts.on_table = static_cast<Oid>(found.integer(row, 0));
    facts.on_table_name = quote_identifier(found.text(row, 12), found.text(row, 13));
    facts.name = found.string(row, 3);
    facts.definition = found.string(row, 4);
    facts.deferrable = found.boolean(row, 5);
    facts.deferred = found.boolean(row, 6);
    facts.validated = found.boolean(row, 7);
    facts.match_full = found.letter(row, 9) == 'f';
    facts.actions = found.text(row, 10) != "aa" && found.text(row, 10) != "rr";
    facts.parent_oid = static_cast<Oid>(found.integer(row, 11));
    ForeignKey key;
    key.parent = places.table(found.integer(row, 11));
    key.parent_name = found.string(row, 16);
    catalog.schema.tables[at].foreign_keys.push_back(std::move(key));
    catalog.facts[at].foreign_keys.push_back(std::move(facts));
}

void add_constraint(TableFacts& table, const Result& found, int row) {
    ConstraintFacts facts;
    facts.oid = static_cast<Oid>(found.integer(row, 1));
    facts.kind = found.letter(row, 2);
    facts.name = found.string(row, 3);
    facts.definition = found.string(row, 4);
    facts.deferrable = found.boolean(row, 5);
    facts.deferred = found.boolean(row, 6);
    facts.index = static_cast<Oid>(found.integer(row, 8));
    table.constraints.push_back(std::move(facts));
}

}  // namespace

// One row for each column of each constraint.
void read_constraints(Session& session, Catalog& catalog, const Places& places) {
    const Result found = session.run(cat(
        "SELECT o.conrelid, o.oid, o.contype, o.conname, pg_get_constraintdef(o.oid), o.condeferrable, o.condeferred, "
        "o.convalidated, o.conindid, o.confmatchtype, o.confdeltype::text || o.confupdtype::text, o.confrelid, "
        "n.nspname, c.relname, a.attname, f.attname, p.relname "
        "FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "CROSS JOIN LATERAL unnest(o.conkey, o.confkey) WITH ORDINALITY AS k(child, parent, place) "
        "LEFT JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.child "
        "LEFT JOIN pg_attribute f ON f.attrelid = o.confrelid AND f.attnum = k.parent "
        "LEFT JOIN pg_class p ON p.oid = o.confrelid "
        "WHERE o.contype IN ('p', 'u', 'x', 'f') AND o.conparentid = 0 AND ",
        kOurSchemas, " ORDER BY o.conrelid, o.conname, o.oid, k.place"));
    std::int64_t last = 0;
    for (int row = 0; row < found.rows(); ++row) {
        const auto at = places.table(found.integer(row, 0));
        if (!at) continue;
        Table& table = catalog.schema.tables[*at];
        TableFacts& facts = catalog.facts[*at];
        const bool foreign = found.letter(row, 2) == 'f';
        if (!foreign && facts.oid != static_cast<Oid>(found.integer(row, 0))) continue;  // of one partition alone
        if (found.integer(row, 1) != last) {
            last = found.integer(row, 1);
            if (foreign) {
                add_foreign_key(catalog, places, *at, found, row);
            } else {
                add_constraint(facts, found, row);
            }
        }
        const auto column = Places::column(table, found.string(row, 14));
        if (!column) continue;
        if (foreign) {
            table.foreign_keys.back().columns.push_back(*column);
            table.foreign_keys.back().parent_columns.push_back(found.string(row, 15));
        } else {
            facts.constraints.back().columns.push_back(*column);
        }
    }
}

void read_indexes(Session& session, Catalog& catalog, const Places& places) {
    const Result found = session.run(cat(
        "SELECT i.indrelid, i.indexrelid, n.nspname, ic.relname, pg_get_indexdef(i.indexrelid), i.indisunique, "
        "i.indisprimary, EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN "
        "('p', 'u', 'x')), i.indpred IS NULL AND i.indexprs IS NULL, i.indisvalid, i.indimmediate, i.indisreplident, "
        "i.indisclustered, EXISTS (SELECT FROM pg_description d WHERE d.objoid = i.indexrelid AND d.classoid = "
        "'pg_class'::regclass), EXISTS (SELECT FROM pg_attribute x WHERE x.attrelid = i.indexrelid AND "
        "x.attstattarget >= 0), array_to_string((i.indkey::int2[])[0:i.indnkeyatts - 1], ' ') "
        "FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ",
        kOurSchemas, " ORDER BY i.indrelid, ic.relname COLLATE \"C\""));
    for (int row = 0; row < found.rows(); ++row) {
        const auto at = places.table(found.integer(row, 0));
        if (!at) continue;
        IndexFacts index;
        index.oid = static_cast<Oid>(found.integer(row, 1));
        index.schema = found.string(row, 2);
        index.name = found.string(row, 3);
        index.definition = found.string(row, 4);
        index.unique = found.boolean(row, 5);
        index.primary = found.boolean(row, 6);
        index.constraint = found.boolean(row, 7);
        index.plain = found.boolean(row, 8);
        index.valid = found.boolean(row, 9);
        index.immediate = found.boolean(row, 10);
        index.replica_identity = found.boolean(row, 11);
        index.clustered = found.boolean(row, 12);
        index.has_comment = found.boolean(row, 13);
        index.has_statistics_target = found.boolean(row, 14);
        TableFacts& facts = catalog.facts[*at];
        if (index.plain) {
            for (const std::int64_t number : found.integers(row, 15)) {
                const auto column = std::ranges::find(facts.columns, static_cast<int>(number), &ColumnFacts::number);
                if (column != facts.columns.end())
                    index.columns.push_back(static_cast<std::size_t>(column - facts.columns.begin()));
            }
        }
        facts.indexes.push_back(std::move(index));
    }
}

void read_triggers(Session& session, Catalog& catalog, const Places& places) {
    const Result triggers = session.run(
        "SELECT tgrelid, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid, tgname");
    for (int row = 0; row < triggers.rows(); ++row) {
        const auto at = places.table(triggers.integer(row, 0));
        if (!at) continue;
        auto& known = catalog.facts[*at].triggers;
        const TriggerFacts trigger = {triggers.string(row, 1), triggers.letter(row, 2)};
        const bool again = std::ranges::any_of(known, [&](const TriggerFacts& other) {
            return other.name == trigger.name && other.enabled == trigger.enabled;
        });
        if (!again) known.push_back(trigger);
        if (trigger.enabled != 'D') catalog.schema.tables[*at].has_triggers = true;
    }
    const Result rules = session.run(
        "SELECT ev_class, rulename FROM pg_rewrite WHERE ev_type <> '1' AND ev_enabled <> 'D' ORDER BY 1, 2");
    for (int row = 0; row < rules.rows(); ++row) {
        if (const auto at = places.table(rules.integer(row, 0)))
            catalog.facts[*at].rules.push_back(rules.string(row, 1));
    }
}

}  // namespace dbfixture::postgres
