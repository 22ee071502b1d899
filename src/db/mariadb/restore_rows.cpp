// SPDX-License-Identifier: MIT
#include "db/mariadb/restore_rows.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/saved_compare.h"
#include "db/mariadb/saved_scan.h"
#include "db/mariadb/sql_text.h"
#include "db/mariadb/writable.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::uint64_t kFewRows = 1000;  // of a table now that are put back at once

constexpr std::string_view kFiring = "Its triggers would fire, and cannot be silenced: ";

class RowRestore {
  public:
    RowRestore(Session& session, const LiveState& live, const SavedManifest& manifest, const SmallDifferences& small,
               std::vector<std::string>* firing)
        : session_(session), live_(live), manifest_(manifest), small_(small), firing_(firing) {}

    std::uint64_t run() {
        std::vector<std::size_t> tables(live_.catalog.facts.size());
        std::iota(tables.begin(), tables.end(), std::size_t{0});
        const std::vector<TableDifference> found = differences(tables);
        for (const std::size_t table : tables) {
            if (!found[table].same && !why_not(table).empty()) refuse(table);
        }
        if (firing_ != nullptr && !firing_->empty()) return 0;
        std::vector<std::size_t> few;
        std::uint64_t written = 0;
        for (const std::size_t table : tables) {
            if (found[table].same) continue;
            if (is_small(saved(table)) && found[table].rows <= kFewRows) {
                few.push_back(table);
                continue;
            }
            const bool keyed = !matching_key(of(table), live_.catalog.facts[table]).empty();
            written += keyed ? replace_different(table, found[table]) : refill(table);
        }
        written += replace_few(few);
        for (const auto& [columns, keys] : keys_)
            session_.run(cat("DROP TEMPORARY TABLE ", keys));
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
    ComparedTable compared(std::size_t table) const {
        return {of(table), live_.catalog.facts[table], sql_name(live_, table), saved(table).source()};
    }

    std::vector<TableDifference> differences(const std::vector<std::size_t>& tables) const {
        std::vector<TableDifference> out(tables.size());
        std::vector<std::size_t> large;
        for (const std::size_t table : tables) {
            if (const auto found = small_.find(saved(table).name); found != small_.end()) {
                out[table] = found->second;
            } else {
                large.push_back(table);
            }
        }
        std::vector<TableDifference> found = compare_tables(session_, live_, manifest_, large);
        for (std::size_t at = 0; at < large.size(); ++at)
            out[large[at]] = std::move(found[at]);
        return out;
    }

    std::string why_not(std::size_t table) const { return why_not_written(live_.catalog, table); }

    void refuse(std::size_t table) {
        const std::string why = why_not(table);
        const bool fires = why.starts_with(kFiring);
        if (fires && firing_ != nullptr) return firing_->push_back(of(table).name);
        throw Error(ErrorKind::kRefused, cat("cannot put back the rows of table ", quote(of(table).label())))
            .with_detail(why)
            .with_hint(fires ? "nothing was changed: add --drop-triggers to drop them for the while, or keep the table "
                               "with --keep"
                             : "nothing was changed: put this table back by hand, or keep it with --keep");
    }

    // Rule 4.
    std::uint64_t replace_few(const std::vector<std::size_t>& tables) {
        std::vector<std::string> statements;
        std::vector<std::size_t> writing;  // for each table, which statement deletes; the next one inserts
        std::vector<const SavedTable*> copies;
        for (const std::size_t table : tables) {
            const ComparedTable pair = compared(table);
            const bool keyed = !matching_key(pair.table, pair.facts).empty();
            const std::string keys = keyed ? keys_of(pair) : std::string();
            if (keyed) {
                statements.push_back(find_different(pair, keys, "true"));
                statements.push_back(find_missing(pair, keys, "true"));
            }
            writing.push_back(statements.size());
            statements.push_back(keyed ? delete_found(pair, keys) : cat("DELETE FROM ", pair.live));
            statements.push_back(keyed ? insert_found(pair, keys) : insert_all(pair));
            if (keyed) statements.push_back(cat("DELETE FROM ", keys));
            copies.push_back(&saved(table));
        }
        const std::vector<Result> done = session_.run_all(statements);
        const std::vector<TableDifference> left = compare_small_tables(session_, live_.database, copies);
        std::uint64_t written = 0;
        for (std::size_t at = 0; at < tables.size(); ++at) {
            written += std::max(done[writing[at]].affected(), done[writing[at] + 1].affected());
            require_saved(tables[at], left[at].rows, left[at].total);
        }
        return written;
    }

    // Rules 2 and 5.
    std::uint64_t replace_different(std::size_t table, const TableDifference& found) {
        const ComparedTable pair = compared(table);
        const std::string keys = keys_of(pair);
        const std::uint64_t different =
            session_.run(find_different(pair, keys, within(pair, "t", found.different))).affected();
        const auto there = static_cast<std::uint64_t>(
            different == 0 ? 0 : session_.number(cat("SELECT SUM(there) FROM ", keys)).value_or(0));
        // The copy is searched for rows that the table does not have only where their number says that there are some.
        const std::uint64_t met = found.rows - (different - there);
        if (met != saved(table).rows) session_.run(find_missing(pair, keys, within(pair, "c", found.different)));
        const std::string digests = of_found(pair, keys, row_digest(pair.table, pair.facts).sql);
        BlockDigest total = found.total;
        total -= sum_of(session_, digests);
        const std::uint64_t deleted = session_.run(delete_found(pair, keys)).affected();
        const std::uint64_t inserted = session_.run(insert_found(pair, keys)).affected();
        total += sum_of(session_, digests);
        session_.run(cat("DELETE FROM ", keys));
        require_saved(table, found.rows - deleted + inserted, total);
        return std::max(deleted, inserted);
    }

    // Tables with keys alike share one, beside the copies. Neither making nor dropping it ends the transaction.
    std::string keys_of(const ComparedTable& pair) {
        const std::string columns = key_columns(pair);
        const auto [found, is_new] =
            keys_.emplace(columns, cat(quote_identifier(manifest_.object), ".", "`keys", keys_.size(), "`"));
        if (is_new) {
            session_.run(cat("DROP TEMPORARY TABLE IF EXISTS ", found->second));
            session_.run(cat("CREATE TEMPORARY TABLE ", found->second, " (", columns, ") ENGINE = InnoDB"));
        }
        return found->second;
    }

    std::uint64_t refill(std::size_t table) {
        const ComparedTable pair = compared(table);
        const std::uint64_t deleted = session_.run(cat("DELETE FROM ", pair.live)).affected();
        const std::uint64_t inserted = session_.run(insert_all(pair)).affected();
        BlockDigest total;
        scan_blocks(session_, pair.table, pair.facts, pair.live, saved(table).digest.by_primary, "0",
                    [&](const RowBlock& block) { total += block.digest; });
        require_saved(table, inserted, total);
        return std::max(deleted, inserted);
    }

    void require_saved(std::size_t table, std::uint64_t rows, const BlockDigest& total) const {
        const SavedTable& saved_table = saved(table);
        if (rows != saved_table.rows) {
            throw damaged_state(manifest_.place, cat("It would leave table ", quote(of(table).label()), " with ",
                                                     plural(rows, "row"), " instead of ", saved_table.rows));
        }
        const BlockDigest wanted = total_of(saved_table.blocks);
        if (!total.known || !wanted.known || total.same_as(wanted)) return;
        throw damaged_state(manifest_.place,
                            cat("The rows of table ", quote(of(table).label()), " are not those that were saved"));
    }

    Session& session_;
    const LiveState& live_;
    const SavedManifest& manifest_;
    const SmallDifferences& small_;
    std::vector<std::string>* firing_;
    std::map<std::string, std::string> keys_{};  // by their columns
};

}  // namespace

// Rule 3.
std::string why_not_written(const Catalog& catalog, std::size_t table) {
    const TableFacts& facts = catalog.facts[table];
    if (facts.of_one_node) return why_not_replicated(facts.engine);
    if (!facts.transactional) return cat("Its engine, ", facts.engine, ", has no transactions.");
    if (facts.versioned) return "It keeps the history of its rows, which would say what never was.";
    for (const ChildElsewhere& child : catalog.children_elsewhere) {
        if (child.parent == table) return cat("A table of another database refers to it: ", quote(child.child), ".");
    }
    std::vector<std::string> names;
    for (const TriggerFacts& trigger : facts.triggers) {
        if (trigger.event != 'U') names.push_back(trigger.name);
    }
    return names.empty() ? "" : cat(std::string(kFiring), quote_list(names), ".");
}

SmallDifferences find_small_differences(Session& session, const std::string& database, const SavedManifest& manifest) {
    std::vector<const SavedTable*> tables;
    for (const SavedTable& table : manifest.tables) {
        if (is_small(table)) tables.push_back(&table);
    }
    std::vector<TableDifference> found = compare_small_tables(session, database, tables);
    SmallDifferences out;
    for (std::size_t at = 0; at < tables.size(); ++at)
        out.emplace(tables[at]->name, std::move(found[at]));
    return out;
}

std::uint64_t restore_rows(Session& session, const LiveState& live, const SavedManifest& manifest,
                           const SmallDifferences& small, std::vector<std::string>* firing) {
    return RowRestore(session, live, manifest, small, firing).run();
}

}  // namespace dbfixture::mariadb
