// SPDX-License-Identifier: MIT
// restore --keep: a state with some tables' rows taken from the database.
#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/reference.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/saved_write.h"

namespace dbfixture::mariadb {
namespace {

Error cannot_keep(std::string_view label, std::string_view why) {
    return Error(ErrorKind::kInput, cat("cannot keep table ", quote(label), ": ", why))
        .with_hint("restore without --keep, or make a new snapshot");
}

const std::string* definition_of(const std::vector<SchemaObject>& objects, std::string_view table) {
    const auto found = std::ranges::find_if(
        objects, [&](const SchemaObject& object) { return object.kind == "table" && object.name == table; });
    return found == objects.end() ? nullptr : &found->definition;
}

// Indexes into the database's tables.
std::set<std::size_t> find_kept(const LiveState& live, const SavedManifest& manifest,
                                const std::vector<std::string>& keep) {
    std::set<std::size_t> out;
    for (const std::string& label : keep) {
        const auto found = live.catalog.schema.find(label);
        const std::string& name = found ? live.catalog.schema.tables[*found].name : label;
        if (manifest.find(name) == nullptr) {
            throw Error(ErrorKind::kNotFound, cat("table ", quote(label), " is not in the snapshot"))
                .with_hint(did_you_mean(label, live.catalog.schema.labels()));
        }
        if (!found) throw cannot_keep(label, "the database does not have it");
        const std::string* const was = definition_of(manifest.objects, name);
        const std::string* const now = definition_of(live.objects, name);
        if (was == nullptr || now == nullptr || *was != *now)
            throw cannot_keep(label, "the snapshot defines it differently");
        out.insert(*found);
    }
    return out;
}

// The database's tables, each with its rows from where `kept` says.
Catalog sources(const LiveState& live, const SavedManifest& manifest, const std::set<std::size_t>& kept) {
    Catalog out = live.catalog;
    for (std::size_t table = 0; table < out.facts.size(); ++table) {
        const SavedTable* const saved = manifest.find(out.schema.tables[table].name);
        out.facts[table].sql_name = kept.contains(table) || saved == nullptr ? sql_name(live, table) : saved->source();
    }
    return out;
}

// A reference between a table that is kept and one that is not must lead to a row; one that led nowhere on its own side
// is left as it is.
void check_references(Session& session, const LiveState& live, const SavedManifest& manifest,
                      const std::set<std::size_t>& kept) {
    const Catalog mixed = sources(live, manifest, kept);
    std::uint64_t orphans = 0;
    std::string first;
    for (const Reference& reference : read_references(mixed)) {
        if (!reference.parent || kept.contains(reference.child) == kept.contains(*reference.parent)) continue;
        const std::string& name = mixed.schema.tables[*reference.parent].name;
        const SavedTable* const saved_parent = manifest.find(name);
        if (saved_parent == nullptr || manifest.find(mixed.schema.tables[reference.child].name) == nullptr) continue;
        const std::string own =
            kept.contains(reference.child) ? sql_name(live, *reference.parent) : saved_parent->source();
        const std::vector<std::string> values = child_columns(mixed, reference, "c");
        const auto found = session.number(cat("SELECT COUNT(*) FROM ", mixed.facts[reference.child].sql_name,
                                              " c WHERE ", is_orphan(reference, values), " AND EXISTS (SELECT 1 FROM ",
                                              own, " p WHERE ", is_parent(reference, values), ")"));
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
    verify_copy(saved, state);
    const SavedManifest manifest = read_saved_manifest(saved, state);
    const LiveState live = read_live(saved.second());
    const std::set<std::size_t> kept = find_kept(live, manifest, keep);
    NewPlace target(saved, place);
    create_description(saved.second(), target.object());
    StateWriter writer(saved, target.object());
    SavedState merged;
    in_locking_transaction(saved, [&](Session& session) {
        SavedManifest made{target.object(), place, {}, manifest.objects, manifest.programs, manifest.defaults};
        for (const SavedTable& table : manifest.tables) {
            const auto of = std::ranges::find_if(
                kept, [&](std::size_t at) { return live.catalog.schema.tables[at].name == table.name; });
            made.tables.push_back(of == kept.end() ? writer.copy(session, table.number, table)
                                                   : writer.copy(session, table.number, live.catalog.schema.tables[*of],
                                                                 live.catalog.facts[*of], sql_name(live, *of)));
        }
        require_still(saved.second(), live);
        const auto numbers = next_numbers(saved.second());
        for (SavedTable& table : made.tables) {
            const auto found = numbers.find(table.name);
            const bool is_kept = std::ranges::any_of(
                kept, [&](std::size_t at) { return live.catalog.schema.tables[at].name == table.name; });
            if (is_kept && found != numbers.end()) table.next_number = found->second;
        }
        check_references(session, live, manifest, kept);
        writer.sum_up(session, made.tables);
        merged = write_description(session, made, live.database);
    });
    target.keep();
    return merged;
}

}  // namespace dbfixture::mariadb
