// SPDX-License-Identifier: MIT
// A state of kind "copy" back into its database, in place.
//
//  1. One transaction, REPEATABLE READ, foreign keys off. Each table is compared with its copy by a statement that
//     locks all of its rows and the places between them: whoever has written to one of them and has not committed is
//     waited for, and nobody writes until the end. Readers are not hindered.
//  2. Rows that differ are deleted and put in again, never updated: values of unique keys that moved between rows would
//     collide. The copy is searched for rows that the table does not have only where their number says that there are
//     some.
//  3. Rows of tables that must not be written (triggers would fire, a failure would stay half done, history would be
//     made up, rows of other databases refer to them) are compared only; where one differs, nothing is restored.
//  4. Before COMMIT each table has as many rows as were saved. The schema is looked at once the transaction has opened
//     all tables: nobody can change them from then on.
//  5. Triggers may be dropped for the while, of those tables alone that differ: which these are shows a first try,
//  which
//     then is undone. Meanwhile the schema counts as it was.
//  6. A counter is set after COMMIT, since that ends a transaction, and only where it differs. Whoever is killed in
//     between leaves the rows restored, and the next restore finds the counters.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/clone_header.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_manifest.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/triggers_away.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kMostNamed = 12;
constexpr std::string_view kFiring = "Its triggers would fire, and cannot be silenced: ";

// In a throwaway copy the definers may be others, and a trigger's beginning is written anew.
bool is_same(const SavedManifest& manifest, std::string_view kind, const std::string& was, const std::string& now) {
    if (was == now || !manifest.of_original) return was == now;
    if (kind == "trigger") return trigger_body(was, {}) == trigger_body(now, {});
    return without_definer(was, {}) == without_definer(now, {});
}

void require_same_schema(const LiveState& live, const SavedManifest& manifest) {
    std::map<std::pair<std::string, std::string>, std::pair<const std::string*, const std::string*>> both;
    for (const SchemaObject& object : manifest.objects)
        both[{object.kind, object.name}].first = &object.definition;
    for (const SchemaObject& object : live.objects)
        both[{object.kind, object.name}].second = &object.definition;
    std::vector<std::string> words;
    for (const auto& [name, definitions] : both) {
        const auto& [was, now] = definitions;
        if (was != nullptr && now != nullptr && is_same(manifest, name.first, *was, *now)) continue;
        words.push_back(cat(name.first, " ", quote(name.second, 120),
                            was == nullptr   ? " is new"
                            : now == nullptr ? " is gone"
                                             : " has changed"));
    }
    if (words.empty()) return;
    std::string list;
    for (std::size_t at = 0; at < std::min(words.size(), kMostNamed); ++at)
        append(list, cat(at == 0 ? "" : ", ", words[at]));
    if (words.size() > kMostNamed) append(list, cat(" and ", words.size() - kMostNamed, " more"));
    throw Error(ErrorKind::kInput, "the database's schema is not that of the state")
        .with_detail(cat("In the database, ", list, "."))
        .with_hint("copies restore rows only: bring the schema back first, or make a new snapshot");
}

class Restore {
  public:
    // `firing`, unless it is nullptr: is given the tables that differ and cannot be written to only because of
    // triggers.
    Restore(Session& session, const LiveState& live, const SavedManifest& manifest, std::vector<std::string>* firing)
        : session_(session), live_(live), manifest_(manifest), firing_(firing) {}

    // How many rows were written: none where tables are among `firing`.
    std::uint64_t run() {
        for (std::size_t table = 0; table < live_.catalog.facts.size(); ++table) {
            if (!why_not(table).empty()) compare_only(table);
        }
        if (firing_ != nullptr && !firing_->empty()) return 0;
        // All tables are locked before the first read that does not lock: such reads see the moment of the first one.
        std::vector<std::size_t> keyed;
        for (std::size_t table = 0; table < live_.catalog.facts.size(); ++table) {
            if (!why_not(table).empty()) continue;
            if (has_key(table)) {
                replace_different(table);
                keyed.push_back(table);
            } else if (session_.number(count_unequal(compared(table))).value_or(1) != 0) {
                refill(table);
            }
        }
        insert_rows(keyed);
        require_counts();
        for (const auto& [columns, keys] : keys_)
            session_.run(cat("DROP TEMPORARY TABLE ", keys));
        std::uint64_t written = 0;
        for (std::size_t table = 0; table < live_.catalog.facts.size(); ++table)
            written += std::max(deleted_[table], inserted_[table]);
        return written;
    }

  private:
    const Table& of(std::size_t table) const { return live_.catalog.schema.tables[table]; }
    const SavedTable& saved(std::size_t table) const {
        const SavedTable* const found = manifest_.find(of(table).name);
        if (found == nullptr)
            throw damaged_state(manifest_.place, cat("It does not have table ", quote(of(table).label())));
        return *found;
    }
    bool has_key(std::size_t table) const { return !matching_key(of(table), live_.catalog.facts[table]).empty(); }
    ComparedTable compared(std::size_t table) const {
        return {of(table), live_.catalog.facts[table], sql_name(live_, table), saved(table).source()};
    }

    // Rule 3.
    std::string why_not(std::size_t table) const {
        const TableFacts& facts = live_.catalog.facts[table];
        if (!facts.transactional) return cat("Its engine, ", facts.engine, ", has no transactions.");
        if (facts.versioned) return "It keeps the history of its rows, which would say what never was.";
        for (const ChildElsewhere& child : live_.catalog.children_elsewhere) {
            if (child.parent == table)
                return cat("A table of another database refers to it: ", quote(child.child), ".");
        }
        if (!has_firing(table)) return "";
        std::vector<std::string> names;
        for (const TriggerFacts& trigger : facts.triggers) {
            if (trigger.event != 'U') names.push_back(trigger.name);
        }
        return cat(std::string(kFiring), quote_list(names), ".");
    }
    bool has_firing(std::size_t table) const {
        return live_.catalog.facts[table].has_trigger('I') || live_.catalog.facts[table].has_trigger('D');
    }

    void compare_only(std::size_t table) {
        bool same = false;
        if (has_key(table)) {
            const Result found = session_.run(count_different(compared(table)));
            same = found.integer(0, 0) == static_cast<std::int64_t>(saved(table).rows) && found.integer(0, 1) == 0;
        } else {
            same = session_.number(count_unequal(compared(table))).value_or(1) == 0;
        }
        if (same) return;
        const std::string why = why_not(table);
        const bool fires = why.starts_with(kFiring);
        if (fires && firing_ != nullptr) return firing_->push_back(of(table).name);
        throw Error(ErrorKind::kRefused, cat("cannot put back the rows of table ", quote(of(table).label())))
            .with_detail(why)
            .with_hint(fires ? "nothing was changed: add --drop-triggers to drop them for the while, or keep the table "
                               "with --keep"
                             : "nothing was changed: put this table back by hand, or keep it with --keep");
    }

    void replace_different(std::size_t table) {
        const ComparedTable of_table = compared(table);
        const std::string keys = keys_of(of_table);
        const std::uint64_t different = session_.run(find_different(of_table, keys)).affected();
        if (different == 0) return;
        deleted_[table] = session_.run(delete_found(of_table, keys)).affected();
        inserted_[table] = session_.run(insert_found(of_table, keys)).affected();
        session_.run(cat("DELETE FROM ", keys));
    }

    // Tables with keys alike share one, beside the copies. Neither making nor dropping it ends the transaction.
    std::string keys_of(const ComparedTable& of_table) {
        const std::string columns = key_columns(of_table);
        const auto [found, is_new] =
            keys_.emplace(columns, cat(quote_identifier(manifest_.object), ".", "`keys", keys_.size(), "`"));
        if (is_new) {
            session_.run(cat("DROP TEMPORARY TABLE IF EXISTS ", found->second));
            session_.run(cat("CREATE TEMPORARY TABLE ", found->second, " (", columns, ") ENGINE = InnoDB"));
        }
        return found->second;
    }

    void refill(std::size_t table) {
        deleted_[table] = session_.run(cat("DELETE FROM ", sql_name(live_, table))).affected();
        inserted_[table] = session_.run(insert_all(compared(table))).affected();
    }

    std::map<std::size_t, std::uint64_t> counts(const std::vector<std::size_t>& tables) {
        std::map<std::size_t, std::uint64_t> out;
        constexpr std::size_t kAtOnce = 50;
        for (std::size_t from = 0; from < tables.size(); from += kAtOnce) {
            std::string sql;
            for (std::size_t at = from; at < std::min(from + kAtOnce, tables.size()); ++at) {
                append(sql, cat(at == from ? "" : " UNION ALL ", "SELECT ", tables[at], ", COUNT(*) FROM ",
                                sql_name(live_, tables[at])));
            }
            const Result found = session_.run(sql);
            for (int row = 0; row < found.rows(); ++row)
                out[static_cast<std::size_t>(found.integer(row, 0))] =
                    static_cast<std::uint64_t>(found.integer(row, 1));
        }
        return out;
    }

    // What is left of a table is in its copy: it misses rows only if it has fewer.
    void insert_rows(const std::vector<std::size_t>& keyed) {
        for (const auto& [table, rows] : counts(keyed)) {
            if (rows == saved(table).rows) continue;
            inserted_[table] += session_.run(insert_missing(compared(table))).affected();
            changed_.push_back(table);
        }
    }

    // Rule 4. The others were counted.
    void require_counts() {
        for (const auto& [table, rows] : inserted_) {
            if (std::ranges::find(changed_, table) == changed_.end()) changed_.push_back(table);
        }
        for (const auto& [table, rows] : counts(changed_)) {
            if (rows == saved(table).rows) continue;
            throw damaged_state(manifest_.place, cat("It would leave table ", quote(of(table).label()), " with ",
                                                     plural(rows, "row"), " instead of ", saved(table).rows));
        }
    }

    Session& session_;
    const LiveState& live_;
    const SavedManifest& manifest_;
    std::vector<std::string>* firing_;
    std::map<std::size_t, std::uint64_t> deleted_{}, inserted_{};
    std::vector<std::size_t> changed_{};
    std::map<std::string, std::string> keys_{};  // by their columns
};

// Whoever wants to change one of them waits. Throws kNoSuchTable's error.
void open_all(Session& session, const SavedManifest& manifest, const std::string& database) {
    constexpr std::size_t kAtOnce = 50;
    for (std::size_t from = 0; from < manifest.tables.size(); from += kAtOnce) {
        std::string sql;
        for (std::size_t at = from; at < std::min(from + kAtOnce, manifest.tables.size()); ++at) {
            append(sql, cat(at == from ? "" : " UNION ALL ", "(SELECT 1 FROM ",
                            quote_identifier(database, manifest.tables[at].name), " WHERE false LOCK IN SHARE MODE)"));
        }
        session.run(sql);
    }
}

// Rule 6. Waits once for those who have a table open, then for nobody.
bool put_counters_back(Session& session, const LiveState& live, const SavedManifest& manifest,
                       std::vector<std::string>& warnings) {
    bool any = false, waited = false;
    std::vector<std::string> left;
    const auto now = next_numbers(session);
    for (const SavedTable& table : manifest.tables) {
        const auto found = now.find(table.name);
        if (!table.next_number || found == now.end() || found->second == *table.next_number) continue;
        any = true;
        try {
            session.run(cat(waited ? "SET STATEMENT lock_wait_timeout = 0 FOR " : "", "ALTER TABLE ",
                            quote_identifier(live.database, table.name), " AUTO_INCREMENT = ", *table.next_number));
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kBusy) throw;
            waited = true;
            left.push_back(table.name);
        }
    }
    if (waited) {
        warnings.push_back(cat("all rows are back, but others have ", quote_list(left),
                               " open: the next number there is not put back; a restore without them does it"));
    }
    return any;
}

bool is_trigger(const SchemaObject& object) {
    return object.kind == "trigger";
}

// `triggers` in place of those that are there.
void show_triggers(std::vector<SchemaObject>& objects, const std::vector<SchemaObject>& triggers) {
    std::erase_if(objects, is_trigger);
    objects.insert(objects.end(), triggers.begin(), triggers.end());
}

// Rule 5.
std::unique_ptr<TriggersAway> restore_rows(SavedSession& saved, const SavedManifest& manifest, bool drop_triggers,
                                           LiveState& live, StateRestoreReport& report) {
    std::unique_ptr<TriggersAway> away;
    std::vector<SchemaObject> triggers;
    std::vector<std::string> firing;
    for (;;) {
        in_locking_transaction(saved, [&](Session& session) {
            open_all(session, manifest, saved.database());
            live = read_live(saved.second());
            if (away) show_triggers(live.objects, triggers);
            require_same_schema(live, manifest);
            firing.clear();
            report.written = Restore(session, live, manifest, drop_triggers && !away ? &firing : nullptr).run();
        });
        if (firing.empty()) return away;
        std::ranges::copy_if(live.objects, std::back_inserter(triggers), is_trigger);
        away = std::make_unique<TriggersAway>(saved.get(), TriggerChoice{firing, {"INSERT", "DELETE"}});
    }
}

}  // namespace

StateRestoreReport restore_copy(SavedSession& saved, const SavedState& state, bool drop_triggers) {
    const SavedManifest manifest = read_saved_manifest(saved, state);
    StateRestoreReport report;
    LiveState live;
    try {
        const auto away = restore_rows(saved, manifest, drop_triggers, live, report);
        if (away) away->put_back();
    } catch (const ServerError& error) {
        constexpr unsigned kNoSuchTable = 1146, kNoSuchColumn = 1054;
        if (error.number != kNoSuchTable && error.number != kNoSuchColumn) throw;
        require_same_schema(read_live(saved.second()), manifest);
        throw damaged_state(manifest.place, cat("Its copies are not as they were saved: ", error.words));
    }
    const bool counters = put_counters_back(saved.second(), live, manifest, report.warnings);
    report.way = report.written == 0 && !counters ? RestoreWay::kUnchanged : RestoreWay::kDifferent;
    return report;
}

}  // namespace dbfixture::mariadb
