// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/cat.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

// By name: a partition numbers its columns in its own way.
std::optional<std::size_t> column_of(const Table& table, const Places& places, std::int64_t relation,
                                     std::int64_t number) {
    const std::string name = places.column_name(relation, number);
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
        if (table.columns[at].name == name) return at;
    }
    return std::nullopt;
}

// A partition may carry a foreign key that the whole table does not: its rows are the table's.
void add_foreign_key(Catalog& catalog, const Places& places, std::size_t at, const Result& found, int row) {
    ForeignKeyFacts facts;
    facts.oid = static_cast<Oid>(found.integer(row, 1));
    facts.on_table = static_cast<Oid>(found.integer(row, 0));
    const auto part = places.others.find(facts.on_table);
    facts.on_table_name = part == places.others.end() ? catalog.facts[at].sql_name
                                                      : quote_identifier(part->second.first, part->second.second);
    facts.name = found.string(row, 3);
    facts.deferrable = found.boolean(row, 4);
    facts.deferred = found.boolean(row, 5);
    facts.validated = found.boolean(row, 6);
    facts.match_full = found.letter(row, 8) == 'f';
    const std::pair actions(found.letter(row, 9), found.letter(row, 10));
    facts.actions = actions != std::pair('a', 'a') && actions != std::pair('r', 'r');
    facts.parent_oid = static_cast<Oid>(found.integer(row, 11));
    ForeignKey key;
    key.parent = places.table(found.integer(row, 11));
    const auto parent = places.others.find(facts.parent_oid);
    if (parent != places.others.end()) key.parent_name = parent->second.second;
    const std::vector<std::int64_t> children = found.integers(row, 12), parents = found.integers(row, 13);
    for (std::size_t i = 0; i < std::min(children.size(), parents.size()); ++i) {
        const auto column = column_of(catalog.schema.tables[at], places, facts.on_table, children[i]);
        if (!column) continue;
        key.columns.push_back(*column);
        key.parent_columns.push_back(places.column_name(facts.parent_oid, parents[i]));
    }
    catalog.schema.tables[at].foreign_keys.push_back(std::move(key));
    catalog.facts[at].foreign_keys.push_back(std::move(facts));
}

void add_constraint(Catalog& catalog, const Places& places, std::size_t at, const Result& found, int row) {
    ConstraintFacts facts;
    facts.oid = static_cast<Oid>(found.integer(row, 1));
    facts.kind = found.letter(row, 2);
    facts.name = found.string(row, 3);
    facts.deferrable = found.boolean(row, 4);
    facts.deferred = found.boolean(row, 5);
    facts.index = static_cast<Oid>(found.integer(row, 7));
    for (const std::int64_t number : found.integers(row, 12)) {
        if (const auto column = column_of(catalog.schema.tables[at], places, found.integer(row, 0), number))
            facts.columns.push_back(*column);
    }
    catalog.facts[at].constraints.push_back(std::move(facts));
}

void take_constraints(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto at = places.table(found.integer(row, 0));
        if (!at) continue;
        if (found.letter(row, 2) == 'f') {
            add_foreign_key(catalog, places, *at, found, row);
        } else if (catalog.facts[*at].oid == static_cast<Oid>(found.integer(row, 0))) {  // not of one partition alone
            add_constraint(catalog, places, *at, found, row);
        }
    }
}

void take_indexes(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto at = places.table(found.integer(row, 0));
        if (!at || catalog.facts[*at].oid != static_cast<Oid>(found.integer(row, 0))) continue;
        TableFacts& facts = catalog.facts[*at];
        const Table& table = catalog.schema.tables[*at];
        IndexFacts index;
        index.oid = static_cast<Oid>(found.integer(row, 1));
        index.schema = table.schema.empty() ? catalog.schema.default_schema : table.schema;
        index.name = found.string(row, 2);
        index.unique = found.boolean(row, 3);
        index.primary = found.boolean(row, 4);
        index.constraint =
            std::ranges::find(facts.constraints, index.oid, &ConstraintFacts::index) != facts.constraints.end();
        index.plain = found.boolean(row, 5);
        index.valid = found.boolean(row, 6);
        index.immediate = found.boolean(row, 7);
        index.replica_identity = found.boolean(row, 8);
        index.clustered = found.boolean(row, 9);
        if (index.plain) {
            std::vector<std::int64_t> numbers = found.integers(row, 11);
            numbers.resize(std::min(numbers.size(), static_cast<std::size_t>(found.integer(row, 10))));
            for (const std::int64_t number : numbers) {
                const auto column = std::ranges::find(facts.columns, static_cast<int>(number), &ColumnFacts::number);
                if (column != facts.columns.end())
                    index.columns.push_back(static_cast<std::size_t>(column - facts.columns.begin()));
            }
        }
        facts.indexes.push_back(std::move(index));
    }
}

void take_triggers(const Result& triggers, Catalog& catalog, Places& places) {
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
}

void take_rules(const Result& rules, Catalog& catalog, Places& places) {
    for (int row = 0; row < rules.rows(); ++row) {
        if (const auto at = places.table(rules.integer(row, 0)))
            catalog.facts[*at].rules.push_back({rules.string(row, 1), rules.letter(row, 2)});
    }
}

}  // namespace

void ask_constraints(std::vector<CatalogQuery>& queries) {
    queries.push_back(
        {cat("SELECT conrelid, oid, contype, conname, condeferrable, condeferred, convalidated, conindid, "
             "confmatchtype, confdeltype, confupdtype, confrelid, conkey, confkey FROM pg_constraint WHERE conrelid "
             ">= ",
             kFirstOid, " AND contype IN ('p', 'u', 'x', 'f') AND conparentid = 0 ORDER BY conrelid, conname, oid"),
         take_constraints});
    queries.push_back({cat("SELECT i.indrelid, i.indexrelid, c.relname, i.indisunique, i.indisprimary, i.indpred IS "
                           "NULL AND i.indexprs IS NULL, i.indisvalid, i.indimmediate, i.indisreplident, "
                           "i.indisclustered, i.indnkeyatts, i.indkey FROM pg_index i JOIN pg_class c ON c.oid = "
                           "i.indexrelid WHERE i.indrelid >= ",
                           kFirstOid,
                           " AND c.relnamespace <> 'pg_toast'::regnamespace ORDER BY i.indrelid, c.relname COLLATE "
                           "\"C\""),
                       take_indexes});
}

void ask_triggers(std::vector<CatalogQuery>& queries) {
    queries.push_back(
        {"SELECT tgrelid, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid, tgname",
         take_triggers});
    queries.push_back({cat("SELECT ev_class, rulename, ev_enabled FROM pg_rewrite WHERE ev_class >= ", kFirstOid,
                           " AND ev_type <> '1' AND ev_enabled <> 'D' ORDER BY 1, 2"),
                       take_rules});
}

}  // namespace dbfixture::postgres
