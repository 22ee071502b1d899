// SPDX-License-Identifier: MIT
#include "db/postgres/saved_copy.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/postgres/restore_schema.h"
#include "db/postgres/restore_stamp.h"
#include "db/postgres/restore_sums.h"
#include "db/postgres/saved_notes.h"
#include "db/postgres/saved_place.h"
#include "db/postgres/saved_unchanged.h"
#include "db/postgres/saved_write.h"
#include "db/postgres/schema_objects.h"
#include "db/postgres/sql_text.h"
#include "db/saved_mark.h"

namespace dbfixture::postgres {
namespace {

// A standby may follow later.
constexpr const char* kDurable = "SET LOCAL synchronous_commit = local";

// By the tables that people see: partitions count as the table that they are a part of.
std::vector<StateTable> counts_of(const std::vector<std::string>& search_path, const LiveTables& live,
                                  const std::vector<StatePart>& parts) {
    std::map<Oid, std::uint64_t> rows;
    for (const StatePart& part : parts)
        rows[part.table.root] += part.table.rows;
    Schema schema;
    schema.table_rule = NameRule::kExact;
    schema.default_schema = search_path.empty() ? "" : search_path.front();
    std::vector<std::optional<std::uint64_t>> counts;
    const auto add = [&](Oid oid, const std::string& of, const std::string& name, bool counted) {
        Table table;
        table.name = name;
        if (of != schema.default_schema) table.schema = of;
        schema.tables.push_back(std::move(table));
        counts.push_back(counted ? std::optional(rows[oid]) : std::nullopt);
    };
    for (const LiveTable& table : live.tables) {
        if (table.oid == table.root) add(table.oid, table.schema, table.name, true);
    }
    for (const LiveTables::Other& other : live.others) {
        if (other.oid == other.root) add(other.oid, other.schema, other.name, other.kind == 'p');
    }
    settle_names(schema);
    std::vector<StateTable> out;
    for (std::size_t at = 0; at < counts.size(); ++at)
        out.push_back({schema.tables[at].label(), counts[at]});
    std::ranges::sort(out, {}, &StateTable::name);
    return out;
}

StateSaveReport write_state(Session& session, const NewPlace& target, const std::string& place, const LiveTables& live,
                            std::uint64_t base, std::vector<StatePart>& parts) {
    StateDescription description;
    description.object = target.object();
    description.place = place;
    description.base = base;
    description.objects = schema_objects_query();
    description.sequences = live_sequences_query(session);
    description.others = oids_of(live.others);
    description.digest = catalog_digest();
    write_description(session, description);
    write_parts(session, target.object(), parts);
    save_sums(session, target.object(), parts);
    StateSaveReport report;
    report.state = describe_saved(session, target.object(), place);
    return report;
}

}  // namespace

StateSaveReport save_copy(SavedSession& saved, const std::string& place) {
    NewPlace target(saved, place);
    Session& session = saved.get();
    require_create(session);
    std::optional<Transaction> transaction;
    const LiveTables live = lock_live_tables(session, transaction);
    session.run(kDurable);
    const std::uint64_t base = snapshot_base(session);
    std::vector<StatePart> parts = parts_of(live, base);
    StateSaveReport report = write_state(session, target, place, live, base, parts);
    report.tables = counts_of(session.search_path(), live, parts);
    report.warnings = what_is_not_saved(session, live);
    report.stamp = take_stamp(session);
    transaction->commit();
    target.keep();
    return report;
}

// Tables that are as below stay where they are kept; of the others all rows are saved.
StateSaveReport save_copy_difference(SavedSession& saved, const SavedState& below, const std::string&,
                                     const std::string& place) {
    read_saved_manifest(saved.get(), below);  // before anything is made
    NewPlace target(saved, place);
    Session& session = saved.get();
    require_create(session);
    std::optional<Transaction> transaction;
    const LiveTables live = lock_live_tables(session, transaction);
    session.run(kDurable);
    const SavedManifest manifest = read_saved_manifest(session, below);
    const std::uint64_t base = snapshot_base(session);
    std::vector<StatePart> parts = parts_of(live, base);
    std::uint64_t all = 0, differing = 0;
    const std::set<Oid> same = find_unchanged(session, manifest, live);
    for (const StatePart& part : parts) {
        all += part.bytes;
        if (!same.contains(part.table.oid)) differing += part.bytes;
    }
    const bool whole = differing * 2 > all;
    for (StatePart& part : parts) {
        if (whole || !same.contains(part.table.oid)) continue;
        part.table = *std::ranges::find(manifest.tables, part.table.oid, &SavedTable::oid);
        part.table.base = base;
        part.source.clear();
    }
    StateSaveReport report = write_state(session, target, place, live, base, parts);
    if (!whole) {
        report.state.bytes += below.bytes;
        report.state.over = below.over;
        report.state.over.push_back(place);
        report.state.place = below.place;
    }
    report.stamp = take_stamp(session);
    transaction->commit();
    target.keep();
    return report;
}

}  // namespace dbfixture::postgres
