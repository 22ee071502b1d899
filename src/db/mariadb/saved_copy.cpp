// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_copy.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

// What a restore cannot put back.
std::vector<std::string> what_is_not_saved(const LiveState& live) {
    std::vector<std::string> out, bare, historic;
    for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
        const std::string label = live.catalog.schema.tables[table].label();
        if (!live.catalog.facts[table].transactional) bare.push_back(label);
        if (live.catalog.facts[table].versioned) historic.push_back(label);
    }
    if (!bare.empty()) {
        out.push_back(cat(bare.size() == 1 ? "table " : "tables ", quote_list(bare),
                          " without transactions may have changed while being saved, and a restore will not write to ",
                          bare.size() == 1 ? "it" : "them"));
    }
    if (!historic.empty())
        out.push_back(cat("the history of ", quote_list(historic), " is not saved, and a restore will not change it"));
    for (const SchemaObject& object : live.objects) {
        if (object.kind == "sequence")
            out.push_back(cat("where sequence ", quote(object.name), " stands is not saved"));
    }
    return out;
}

const std::string* definition_of(const std::vector<SchemaObject>& objects, std::string_view table) {
    const auto found = std::ranges::find_if(
        objects, [&](const SchemaObject& object) { return object.kind == "table" && object.name == table; });
    return found == objects.end() ? nullptr : &found->definition;
}

// Locks the tables that the state has, too, and tells whose rows are those that it has.
std::vector<bool> find_unchanged(Session& session, const LiveState& live, const SavedManifest& below) {
    std::vector<std::size_t> both;
    for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
        const std::string& name = live.catalog.schema.tables[table].name;
        const std::string* const was = definition_of(below.objects, name);
        const std::string* const now = definition_of(live.objects, name);
        if (below.find(name) != nullptr && was != nullptr && now != nullptr && *was == *now) both.push_back(table);
    }
    std::vector<bool> out(live.catalog.facts.size());
    const std::vector<TableDifference> found = compare_tables(session, live, below, both);
    for (std::size_t at = 0; at < both.size(); ++at)
        out[both[at]] = found[at].same;
    return out;
}

// The counters are read once the tables are locked.
void add_numbers(Session& definer, std::vector<SavedTable>& tables) {
    const auto numbers = next_numbers(definer);
    for (SavedTable& table : tables) {
        const auto found = numbers.find(table.name);
        table.next_number = found == numbers.end() ? std::nullopt : std::optional(found->second);
    }
}

}  // namespace

StateSaveReport save_copy(SavedSession& saved, const std::string& place) {
    NewPlace target(saved, place);
    const LiveState live = read_live(saved.second());
    require_replicated(live.catalog, "save");
    const std::vector<Definition> programs = read_programs(saved.second());
    const DatabaseDefaults defaults = read_defaults(saved.second());
    create_description(saved.second(), target.object());
    StateWriter writer(saved, target.object());
    StateSaveReport report;
    in_locking_transaction(saved, [&](Session& session) {
        SavedManifest manifest{target.object(), place, {}, live.objects, programs, defaults};
        for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
            manifest.tables.push_back(writer.copy(session, static_cast<int>(table) + 1,
                                                  live.catalog.schema.tables[table], live.catalog.facts[table],
                                                  sql_name(live, table)));
        }
        require_still(saved.second(), live);
        add_numbers(saved.second(), manifest.tables);
        writer.sum_up(session, manifest.tables);
        report.state = write_description(session, manifest, live.database);
        report.tables.clear();
        for (std::size_t table = 0; table < manifest.tables.size(); ++table)
            report.tables.push_back({live.catalog.schema.tables[table].label(), manifest.tables[table].rows});
    });
    target.keep();
    std::ranges::sort(report.tables, {}, &StateTable::name);
    report.warnings = what_is_not_saved(live);
    return report;
}

// Tables that are as below stay where they are kept; of the others all rows are saved.
StateSaveReport save_copy_difference(SavedSession& saved, const SavedState& below, const std::string& place) {
    const SavedManifest lower = read_saved_manifest(saved, below);  // before anything is made
    NewPlace target(saved, place);
    const LiveState live = read_live(saved.second());
    require_replicated(live.catalog, "save");
    const std::vector<Definition> programs = read_programs(saved.second());
    const DatabaseDefaults defaults = read_defaults(saved.second());
    create_description(saved.second(), target.object());
    StateWriter writer(saved, target.object());
    StateSaveReport report;
    in_locking_transaction(saved, [&](Session& session) {
        SavedManifest manifest{target.object(), place, {}, live.objects, programs, defaults};
        std::uint64_t all = 0, differing = 0;
        const auto copy = [&](std::size_t table) {
            return writer.copy(session, static_cast<int>(table) + 1, live.catalog.schema.tables[table],
                               live.catalog.facts[table], sql_name(live, table));
        };
        const std::vector<bool> unchanged = find_unchanged(session, live, lower);
        for (std::size_t table = 0; table < live.catalog.facts.size(); ++table) {
            const bool same = unchanged[table];
            manifest.tables.push_back(same ? *lower.find(live.catalog.schema.tables[table].name) : copy(table));
            SavedTable& saved_table = manifest.tables.back();
            saved_table.number = static_cast<int>(table) + 1;
            all += saved_table.bytes;
            if (!same) differing += saved_table.bytes;
        }
        const bool whole = differing * 2 > all;
        for (std::size_t table = 0; whole && table < manifest.tables.size(); ++table) {
            if (manifest.tables[table].kept_in != target.object()) manifest.tables[table] = copy(table);
        }
        require_still(saved.second(), live);
        add_numbers(saved.second(), manifest.tables);
        writer.sum_up(session, manifest.tables);
        report.state = write_description(session, manifest, live.database);
        if (whole) return;
        report.state.bytes += below.bytes;
        report.state.over = below.over;
        report.state.over.push_back(place);
        report.state.place = below.place;
    });
    target.keep();
    return report;
}

void verify_copy(SavedSession& saved, const SavedState& state) {
    const SavedManifest manifest = read_saved_manifest(saved, state);
    Session& session = saved.get();
    for (const SavedTable& table : manifest.tables) {
        const Result sum = session.run(cat("CHECKSUM TABLE ", table.source()));
        const bool same =
            table.checksum && sum.rows() == 1 && !sum.is_null(0, 1) && sum.text(0, 1) == cat(*table.checksum);
        if (!same)
            throw damaged_state(manifest.place,
                                cat("The rows of table ", quote(table.name), " are not those that were saved"));
    }
}

}  // namespace dbfixture::mariadb
