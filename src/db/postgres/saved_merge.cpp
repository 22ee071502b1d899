// SPDX-License-Identifier: MIT
// restore --keep: a state with some tables' rows taken from the database.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/introspect.h"
#include "db/postgres/reference.h"
#include "db/postgres/saved_check.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/saved_place.h"
#include "db/postgres/saved_view.h"
#include "db/postgres/saved_write.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

struct Merge {
    Session& session;
    const SavedManifest& manifest;
    const LiveTables& live;
    Catalog catalog;                  // as it is, of the state's tables
    std::set<std::size_t> kept = {};  // indexes into its tables
};

Error cannot_keep(std::string_view label, std::string_view why) {
    return Error(ErrorKind::kInput, cat("cannot keep table ", quote(label), ": ", why))
        .with_hint("restore without --keep, or make a new snapshot");
}

std::vector<const SavedTable*> saved_parts(const Merge& merge, Oid root) {
    std::vector<const SavedTable*> out;
    for (const SavedTable& table : merge.manifest.tables) {
        if (table.root == root) out.push_back(&table);
    }
    return out;
}

std::vector<const LiveTable*> live_parts(const Merge& merge, Oid root) {
    std::vector<const LiveTable*> out;
    for (const LiveTable& table : merge.live.tables) {
        if (table.root == root) out.push_back(&table);
    }
    return out;
}

void keep_table(Merge& merge, const std::string& label) {
    const std::optional<std::size_t> found = merge.catalog.schema.find(label);
    if (!found) {
        const bool saved = std::ranges::any_of(merge.manifest.tables, [&](const SavedTable& table) {
            return label == table.name || label == cat(table.schema, ".", table.name);
        });
        if (saved) throw cannot_keep(label, "the database does not have it");
        throw Error(ErrorKind::kNotFound, cat("table ", quote(label), " is not in the snapshot"))
            .with_hint(did_you_mean(label, merge.catalog.schema.labels()));
    }
    const TableFacts& facts = merge.catalog.facts[*found];
    if (facts.kind == 'f') throw cannot_keep(label, "its rows are another server's");
    const auto saved = saved_parts(merge, facts.oid);
    const auto live = live_parts(merge, facts.oid);
    const bool alike = std::ranges::equal(saved, live, [](const SavedTable* a, const LiveTable* b) {
        return a->oid == b->oid && a->sql_name == b->sql_name && a->columns == b->columns;
    });
    if (!alike) throw cannot_keep(label, "the snapshot defines it differently");
    merge.kept.insert(*found);
}

std::vector<StatePart> merged_parts(const Merge& merge, std::uint64_t base) {
    std::set<Oid> roots;
    for (const std::size_t table : merge.kept)
        roots.insert(merge.catalog.facts[table].oid);
    std::vector<StatePart> parts;
    for (const SavedTable& table : merge.manifest.tables) {
        if (!roots.contains(table.root)) parts.push_back(part_of(table));
    }
    for (const LiveTable& table : merge.live.tables) {
        if (roots.contains(table.root)) parts.push_back(part_of(table, base));
    }
    return parts;
}

// Those of the state, but for those that number the tables that are kept.
std::string merged_sequences(const Merge& merge) {
    std::set<std::size_t> kept;
    for (const std::size_t table : merge.kept) {
        for (const ColumnFacts& column : merge.catalog.facts[table].columns) {
            if (column.sequence) kept.insert(*column.sequence);
        }
    }
    std::string out = cat("SELECT oid, schema, name, last_value, is_called FROM ",
                          quote_identifier(merge.manifest.object, kSavedSequences));
    std::string others, taken;
    for (const std::size_t index : kept) {
        const SequenceFacts& sequence = merge.catalog.sequences[index];
        append(others, cat(others.empty() ? " WHERE oid NOT IN (" : ", ", sequence.oid));
        append(taken, cat(" UNION ALL SELECT ", sequence.oid, "::oid, ", text_literal(sequence.schema), ", ",
                          text_literal(sequence.name), ", s.last_value, s.is_called FROM ", sequence.sql_name, " s"));
    }
    return cat(out, others.empty() ? "" : cat(others, ")"), taken);
}

// A reference between a table that is kept and one that is not must lead to a row; one that led nowhere on its own side
// is left as it is.
void check_references(const Merge& merge) {
    Catalog saved = merge.catalog;
    turn_to_saved(saved, merge.manifest);
    Catalog mixed = saved;
    for (const std::size_t table : merge.kept)
        mixed.facts[table].read_source = merge.catalog.facts[table].read_source;
    std::uint64_t orphans = 0;
    std::string first;
    for (const Reference& reference : read_references(merge.session, mixed, Operators(merge.session))) {
        if (!reference.parent) continue;
        const bool child_kept = merge.kept.contains(reference.child);
        if (child_kept == merge.kept.contains(*reference.parent)) continue;
        const Catalog& own = child_kept ? merge.catalog : saved;
        const std::vector<std::string> values = child_columns(mixed, reference, "c");
        const auto found = merge.session.number(
            cat("SELECT count(*) FROM ", mixed.facts[reference.child].read_source, " c WHERE ",
                is_orphan(reference, values), " AND EXISTS (SELECT FROM ", own.facts[*reference.parent].read_source,
                " p WHERE ", is_parent(reference, values), ")"));
        if (found.value_or(0) == 0) continue;
        orphans += static_cast<std::uint64_t>(*found);
        if (first.empty()) first = mixed.schema.tables[reference.child].label();
    }
    if (orphans == 0) return;
    throw Error(ErrorKind::kInput, cat("kept rows and the snapshot do not fit together: ", orphans,
                                       orphans == 1 ? " row refers" : " rows refer", " to missing rows"))
        .with_detail(cat("The first is in table ", quote(first), "."))
        .with_hint("keep the tables on both sides of that foreign key");
}

}  // namespace

SavedState merge_copy(SavedSession& saved, const SavedState& state, const std::vector<std::string>& keep,
                      const std::string& place) {
    NewPlace target(saved, place);
    Session& session = saved.get();
    require_create(session);
    std::optional<Transaction> transaction;
    const LiveTables live = lock_live_tables(session, transaction);
    session.run("SET LOCAL synchronous_commit = local");
    const SavedManifest manifest = read_saved_manifest(session, state);
    check_saved_rows(session, manifest, state.over.empty() ? state.place : state.over.back());
    const std::set<Oid> tables = tables_of(manifest);
    Merge merge{session, manifest, live, read_catalog(session, {}, &tables)};
    for (const std::string& label : keep)
        keep_table(merge, label);
    StateDescription description;
    description.object = target.object();
    description.place = place;
    description.base = snapshot_base(session);
    description.objects = cat("SELECT kind, name, definition FROM ", quote_identifier(manifest.object, kSavedObjects));
    description.sequences = merged_sequences(merge);
    description.others = manifest.others;
    description.digest = cat("SELECT digest FROM ", quote_identifier(manifest.object, kSavedDigest));
    write_description(session, description);
    check_references(merge);
    std::vector<StatePart> parts = merged_parts(merge, description.base);
    write_parts(session, target.object(), parts);
    SavedState merged = describe_saved(session, target.object(), place);
    transaction->commit();
    target.keep();
    return merged;
}

}  // namespace dbfixture::postgres
