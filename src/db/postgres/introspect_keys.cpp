// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <tuple>

#include "base/cat.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

bool never_null(const Table& table, const IndexFacts& index) {
    return std::ranges::none_of(index.columns, [&](std::size_t column) { return table.columns[column].nullable; });
}

// The primary key, else the index that replicas address rows by, else the unique one of the fewest columns.
const IndexFacts* address_of(const Table& table, const TableFacts& facts) {
    const IndexFacts* best = nullptr;
    const auto rank = [](const IndexFacts& index) { return index.primary ? 0 : index.replica_identity ? 1 : 2; };
    for (const IndexFacts& index : facts.indexes) {
        if (!index.unique || !index.plain || !index.valid || index.columns.empty() || !never_null(table, index))
            continue;
        if (!index.immediate && !index.primary) continue;
        if (best != nullptr && rank(*best) <= rank(index) &&
            (rank(*best) < rank(index) || best->columns.size() <= index.columns.size()))
            continue;
        best = &index;
    }
    return best;
}

// The last to be said of a column counts: its own sequence, then what its default calls, then its identity.
void take_users(const Result& found, Catalog& catalog, Places& places) {
    std::vector<std::array<std::int64_t, 4>> users;  // rank, sequence, table, column
    for (int row = 0; row < found.rows(); ++row) {
        const char kind = found.letter(row, 3);
        users.push_back({kind == 'a'   ? 1
                         : kind == 'n' ? 2
                                       : 3,
                         found.integer(row, 0), found.integer(row, 1), found.integer(row, 2)});
    }
    std::ranges::sort(users);
    for (const auto& [rank, number, relation, attribute] : users) {
        const auto sequence = places.sequences.find(static_cast<Oid>(number));
        const auto table = places.table(relation);
        if (sequence == places.sequences.end() || !table) continue;
        TableFacts& facts = catalog.facts[*table];
        if (facts.oid != static_cast<Oid>(relation)) continue;
        const auto column = std::ranges::find(facts.columns, static_cast<int>(attribute), &ColumnFacts::number);
        if (column != facts.columns.end()) column->sequence = sequence->second;
    }
}

void add_users(Catalog& catalog) {
    for (std::size_t table = 0; table < catalog.facts.size(); ++table) {
        const TableFacts& facts = catalog.facts[table];
        for (std::size_t column = 0; column < facts.columns.size(); ++column) {
            if (!facts.columns[column].sequence) continue;
            if (facts.columns[column].form != ValueForm::kInteger && facts.columns[column].form != ValueForm::kDecimal)
                continue;
            catalog.sequences[*facts.columns[column].sequence].users.push_back({table, column});
            catalog.schema.tables[table].columns[column].has_sequence = true;
        }
    }
}

void take_sequences(const Result& found, Catalog& catalog, Places& places) {
    for (int row = 0; row < found.rows(); ++row) {
        const auto relation = places.sequence_relations.find(static_cast<Oid>(found.integer(row, 0)));
        if (relation == places.sequence_relations.end()) continue;
        SequenceFacts& sequence = relation->second;
        sequence.start = found.integer(row, 1);
        sequence.increment = found.integer(row, 2);
        sequence.least = found.integer(row, 3);
        sequence.most = found.integer(row, 4);
        sequence.cache = found.integer(row, 5);
        sequence.cycles = found.boolean(row, 6);
        catalog.sequences.push_back(std::move(sequence));
    }
    std::ranges::sort(catalog.sequences, {},
                      [](const SequenceFacts& sequence) { return std::tie(sequence.schema, sequence.name); });
    for (std::size_t at = 0; at < catalog.sequences.size(); ++at)
        places.sequences.emplace(catalog.sequences[at].oid, at);
}

}  // namespace

void ask_sequences(std::vector<CatalogQuery>& queries) {
    queries.push_back({"SELECT seqrelid, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle FROM pg_sequence",
                       take_sequences});
    // The columns that sequences belong to; those whose defaults call them.
    queries.push_back(
        {cat("SELECT objid, refobjid, refobjsubid, deptype FROM pg_depend WHERE classid = 'pg_class'::regclass AND "
             "objid >= ",
             kFirstOid,
             " AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0 "
             "UNION ALL SELECT d.refobjid, a.adrelid, a.adnum, 'n' FROM pg_depend d JOIN pg_attrdef a ON a.oid = "
             "d.objid WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND "
             "d.refobjsubid = 0"),
         take_users});
}

void choose_keys(Catalog& catalog) {
    add_users(catalog);
    for (std::size_t at = 0; at < catalog.facts.size(); ++at) {
        Table& table = catalog.schema.tables[at];
        const TableFacts& facts = catalog.facts[at];
        const IndexFacts* const address = address_of(table, facts);
        table.key_kind = address == nullptr ? KeyKind::kNone : KeyKind::kDeclared;
        if (address != nullptr) table.key = address->columns;
        table.numbers_rows = table.key.size() == 1 && table.columns[table.key[0]].has_sequence &&
                             (facts.columns[table.key[0]].identity != '\0' || facts.columns[table.key[0]].has_default);
        for (const IndexFacts& index : facts.indexes) {
            if (&index != address && index.unique && index.plain && index.valid && !index.columns.empty())
                table.unique_keys.push_back({index.name, index.columns});
        }
    }
}

}  // namespace dbfixture::postgres
