// SPDX-License-Identifier: MIT
// A state of kind "copy" back into its database, in place.
//
//  1. One transaction, REPEATABLE READ, foreign keys off. How rows are put back: restore_rows.h.
//  2. The schema is looked at once the transaction has opened all tables: nobody can change them from then on. Where
//     all tables are small and none differs, that it is as it was is all that is asked of it.
//  3. Triggers may be dropped for the while, of those tables alone that differ: which these are shows a first try,
//  which
//     writes nothing. Meanwhile the schema counts as it was.
//  4. Counters are set after COMMIT: saved_counters.h.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/clone_header.h"
#include "db/mariadb/cluster.h"
#include "db/mariadb/introspect.h"
#include "db/mariadb/restore_copy.h"
#include "db/mariadb/restore_rows.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_counters.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/schema_objects.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/triggers_away.h"
#include "db/saved_reference.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kMostNamed = 12;

// In a throwaway copy the definers may be others, and a trigger's beginning is written anew.
bool is_same(const SavedManifest& manifest, std::string_view kind, const std::string& was, const std::string& now) {
    if (was == now || !manifest.of_original) return was == now;
    if (kind == "trigger") return trigger_body(was, {}) == trigger_body(now, {});
    return without_definer(was, {}) == without_definer(now, {});
}

void require_same_schema(Session& session, const std::vector<SchemaObject>& live, const SavedManifest& manifest,
                         RestoreOf of) {
    std::map<std::pair<std::string, std::string>, std::pair<const std::string*, const std::string*>> both;
    for (const SchemaObject& object : manifest.objects)
        both[{object.kind, object.name}].first = &object.definition;
    for (const SchemaObject& object : live)
        both[{object.kind, object.name}].second = &object.definition;
    std::vector<std::string> words;
    for (const auto& [name, definitions] : both) {
        const auto& [was, now] = definitions;
        if (of == RestoreOf::kRowsBeforeTriggers && name.first == "trigger") continue;
        if (was != nullptr && now != nullptr && is_same(manifest, name.first, *was, *now)) continue;
        words.push_back(cat(name.first, " ", quote(name.second, 120),
                            was == nullptr   ? " is new"
                            : now == nullptr ? " is gone"
                                             : " has changed"));
    }
    if (const DatabaseDefaults now = read_defaults(session); !manifest.of_original && now != manifest.defaults)
        words.push_back(cat("the default collation is ", now.collation, ", not ", manifest.defaults.collation));
    if (words.empty()) return;
    std::string list;
    for (std::size_t at = 0; at < std::min(words.size(), kMostNamed); ++at)
        append(list, cat(at == 0 ? "" : ", ", words[at]));
    if (words.size() > kMostNamed) append(list, cat(" and ", words.size() - kMostNamed, " more"));
    const bool half_done = is_being_rebuilt(session, manifest.object);
    throw Error(ErrorKind::kInput, half_done ? "the database's schema was being made anew, and that was not finished"
                                             : "the database's schema is not that of the state")
        .with_detail(cat("In the database, ", list, "."))
        .with_hint(half_done ? "restore --rebuild goes on with it"
                             : "a restore brings rows back: bring the schema back first (a snapshot's by restore "
                               "--rebuild), or make a new snapshot");
}

// Whoever wants to change one of them waits.
void open_large(Session& session, const SavedManifest& manifest, const std::string& database) {
    std::vector<std::string> statements;
    for (const SavedTable& table : manifest.tables) {
        if (!is_small(table))
            statements.push_back(
                cat("SELECT 1 FROM ", quote_identifier(database, table.name), " WHERE false LOCK IN SHARE MODE"));
    }
    session.run_all(statements);
}

bool is_trigger(const SchemaObject& object) {
    return object.kind == "trigger";
}

// `triggers` in place of those that are there.
void show_triggers(std::vector<SchemaObject>& objects, const std::vector<SchemaObject>& triggers) {
    std::erase_if(objects, is_trigger);
    objects.insert(objects.end(), triggers.begin(), triggers.end());
}

class CopyRestore {
  public:
    CopyRestore(SavedSession& saved, const SavedManifest& manifest, RestoreOf of)
        : saved_(saved),
          manifest_(manifest),
          of_(of),
          expected_(
              find_expected(saved, objects_named_in(std::filesystem::path(manifest.place).parent_path().string()))) {}

    StateRestoreReport run(bool drop_triggers) {
        const std::uint64_t others = writes_of_others(saved_.free());
        try {
            put_rows_back(drop_triggers);
        } catch (const ServerError& error) {
            constexpr unsigned kNoSuchTable = 1146, kNoSuchColumn = 1054;
            if (error.kind == ErrorKind::kBusy) throw;
            require_same_schema(saved_.free(), read_schema_objects(saved_.free()), manifest_, of_);
            if (error.number != kNoSuchTable && error.number != kNoSuchColumn) throw;
            throw damaged_state(manifest_.place, cat("Its copies are not as they were saved: ", error.words));
        }
        if (counters_) {
            if (const std::vector<std::string> left = mariadb::put_counters_back(saved_.free(), manifest_);
                !left.empty()) {
                report_.warnings.push_back(cat("all rows are back, but others have ", quote_list(left),
                                               " open: the next number there is not put back; the next command that "
                                               "changes states does it"));
            }
        }
        if (writes_of_others(saved_.free()) != others) require_put_back();
        report_.way = report_.written == 0 && !counters_ ? RestoreWay::kUnchanged : RestoreWay::kDifferent;
        return std::move(report_);
    }

  private:
    // Rule 3.
    void put_rows_back(bool drop_triggers) {
        std::unique_ptr<TriggersAway> away;
        std::vector<SchemaObject> triggers;
        std::vector<std::string> firing;
        for (;;) {
            firing.clear();
            in_locking_transaction(saved_, [&](Session& session) {
                try_once(session, away ? &triggers : nullptr, drop_triggers && !away ? &firing : nullptr);
            });
            if (firing.empty()) break;
            std::ranges::copy_if(live_.objects, std::back_inserter(triggers), is_trigger);
            away = std::make_unique<TriggersAway>(saved_.get(), TriggerChoice{firing, {"INSERT", "DELETE"}});
        }
        if (away) away->put_back();
    }

    // `triggers`: what counts as being there.
    void try_once(Session& session, const std::vector<SchemaObject>* triggers, std::vector<std::string>* firing) {
        live_ = {saved_.database(), {}, {}};
        open_large(session, manifest_, live_.database);
        const SmallDifferences small = find_small_differences(session, live_.database, manifest_);
        live_.objects = read_schema_objects(session);
        if (triggers != nullptr) show_triggers(live_.objects, *triggers);
        require_same_schema(session, live_.objects, manifest_, of_);
        const bool all_same = small.size() == manifest_.tables.size() &&
                              std::ranges::all_of(small, [](const auto& one) { return one.second.same; });
        report_.written = 0;
        if (!all_same) {
            live_.catalog = read_catalog(session);
            report_.written = restore_rows(session, live_, manifest_, small, firing);
        }
        if (firing != nullptr && !firing->empty()) return;
        counters_ = counters_differ(session, manifest_);
        forget_expected(session, expected_);
        if (counters_) expect_counters(session, manifest_.object);
    }

    // Nothing keeps those out who write through another node of a cluster.
    void require_put_back() {
        std::vector<std::string> written;
        in_locking_transaction(saved_, [&](Session& session) {
            written.clear();
            live_ = read_live(session);
            std::vector<std::size_t> tables;
            for (std::size_t table = 0; table < live_.catalog.facts.size(); ++table) {
                if (manifest_.find(live_.catalog.schema.tables[table].name) != nullptr) tables.push_back(table);
            }
            const std::vector<TableDifference> found = compare_tables(session, live_, manifest_, tables);
            for (std::size_t at = 0; at < tables.size(); ++at) {
                if (!found[at].same) written.push_back(live_.catalog.schema.tables[tables[at]].label());
            }
        });
        if (written.empty()) return;
        throw Error(ErrorKind::kBusy, cat("somebody wrote to ", quote_list(written),
                                          " through another node of the cluster while rows were put back"))
            .with_hint("let nobody write through another node meanwhile, and run the command again");
    }

    SavedSession& saved_;
    const SavedManifest& manifest_;
    const RestoreOf of_;
    const std::set<std::string> expected_;
    LiveState live_{};
    bool counters_ = false;
    StateRestoreReport report_{};
};

}  // namespace

StateRestoreReport restore_copy(SavedSession& saved, const SavedState& state, bool drop_triggers) {
    return restore_saved(saved, read_saved_manifest(saved, state), RestoreOf::kRows, drop_triggers);
}

StateRestoreReport restore_saved(SavedSession& saved, const SavedManifest& manifest, RestoreOf of, bool drop_triggers) {
    return CopyRestore(saved, manifest, of).run(drop_triggers);
}

}  // namespace dbfixture::mariadb
