// SPDX-License-Identifier: MIT
#include "ops/diff.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/diff/table_diff.h"
#include "ops/diff/table_slots.h"
#include "ops/diff/threaded_rows.h"

namespace dbfixture {
namespace {

using Definitions = std::map<std::pair<std::string, std::string>, std::string>;

Definitions definitions(Connection* connection) {
    Definitions out;
    if (connection == nullptr) return out;
    for (const SchemaObject& object : connection->schema_objects()) {
        out[{object.kind, object.name}] = object.definition;
    }
    return out;
}

// Only the counts are asked for.
class NoSink final : public DiffSink {
  public:
    void take(const OtherDifference&) override {}
    void begin_table(const ComparedTable&) override {}
    void take(const RowDifference&) override {}
    void end_table(const TableCount&) override {}
    void not_compared(const std::string&, const std::string&) override {}
};

// A side's table; nothing where it does not have it.
struct Side {
    Connection* connection = nullptr;
    std::optional<std::size_t> table;

    const Table& facts() const { return connection->schema().tables[*table]; }
};

Side find_side(Connection* connection, const std::string& name) {
    if (connection == nullptr) return {};
    return {connection, connection->schema().find_exact(name)};
}

// Why its rows cannot be read; "" if they can.
std::string problem_of(const Side& side) {
    if (!side.table) return {};
    const Table& table = side.facts();
    if (!table.unreadable.empty()) return table.unreadable;
    if (!table.not_dumpable.empty()) return table.not_dumpable;
    return table.derived ? "it is an index of another table's rows" : "";
}

TableCount compare_both(const Side& before, const Side& after, const std::string& label, DiffSink& sink) {
    const auto [slots_a, slots_b] = match_slots(before.connection->schema(), *before.table, after.connection->schema(),
                                                *after.table, [](const Table&, const Column*) { return true; });
    ThreadedRows old_rows(open_table_rows(*before.connection, slots_a));
    const auto new_rows = open_table_rows(*after.connection, slots_b);
    return compare_rows(compared_table(label, before.facts(), slots_a, after.facts(), slots_b),
                        {&old_rows, nullptr, nullptr}, {new_rows.get(), nullptr, nullptr}, {}, sink);
}

void count_rows(const Side& before, const Side& after, TableChange& change) {
    const auto number = [](const Side& side) {
        return side.table ? std::optional(side.connection->statistics(*side.table).rows) : std::nullopt;
    };
    if (!before.table || !after.table) {
        change.before = number(before);
        change.after = number(after);
        change.removed = change.before.value_or(0);
        change.added = change.after.value_or(0);
        return;
    }
    NoSink sink;
    const TableCount count = compare_both(before, after, change.table, sink);
    change.before = count.rows_a;
    change.after = count.rows_b;
    change.removed = count.only_a;
    change.added = count.only_b;
    change.changed = count.differs;
}

void compare_table(Connection* before, Connection& after, TableChange& change, StateChanges& changes) {
    const Side old_side = find_side(before, change.table), new_side = find_side(&after, change.table);
    std::string problem = problem_of(old_side);
    if (problem.empty()) problem = problem_of(new_side);
    const auto is_derived = [](const Side& side) { return side.table && side.facts().derived; };
    try {
        if (problem.empty()) return count_rows(old_side, new_side, change);
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
        problem = error.detail.empty() ? error.message : error.detail;
    }
    changes.not_compared.push_back({change.table, problem, is_derived(old_side) || is_derived(new_side)});
}

std::map<std::string, std::string> stored_sequences(Connection* connection) {
    std::map<std::string, std::string> out;
    if (connection == nullptr) return out;
    const Schema& schema = connection->schema();
    std::vector<std::size_t> tables;
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        if (schema.tables[i].has_sequence() && schema.tables[i].unreadable.empty()) tables.push_back(i);
    }
    for (const Sequence& sequence : connection->sequences(tables)) {
        const Table& table = schema.tables[sequence.table];
        const bool is_another = out.contains(table.label());
        const auto given = sequence.given();
        out[is_another ? cat(table.label(), ".", table.columns[sequence.column].name) : table.label()] =
            given ? cat(*given) : std::string("none");
    }
    return out;
}

std::string from_to(const std::string& old, const std::string& now) {
    return cat(" would change from ", old, " to ", now);
}

// Of tables that are on both sides.
void compare_sequences(Connection* before, Connection& after, StateChanges& changes) {
    const auto old = stored_sequences(before), wanted = stored_sequences(&after);
    for (const auto& [table, value] : wanted) {
        const auto found = old.find(table);
        if (found == old.end() || found->second == value) continue;
        changes.other_changes.push_back(cat("sequence of table ", quote(table), from_to(found->second, value)));
    }
}

void compare_definitions(const Definitions& old, const Definitions& wanted, StateChanges& changes) {
    Definitions all = old;
    all.insert(wanted.begin(), wanted.end());
    for (const auto& [key, definition] : all) {
        if (key.first == "table") continue;
        const auto a = old.find(key), b = wanted.find(key);
        const std::string what = cat(key.first, " ", quote(key.second));
        if (a == old.end()) {
            changes.other_changes.push_back(cat(what, " would be created"));
        } else if (b == wanted.end()) {
            changes.other_changes.push_back(cat(what, " would be dropped"));
        } else if (a->second != b->second) {
            changes.other_changes.push_back(cat(what, " would change"));
        }
    }
}

}  // namespace

StateChanges compare_states(Connection* before, Connection& after) {
    const auto old_view = before != nullptr ? std::make_optional<ReadView>(*before) : std::nullopt;
    const ReadView view(after);
    const Definitions old = definitions(before), wanted = definitions(&after);
    std::set<std::string> tables;
    for (Connection* const side : {before, &after}) {
        if (side == nullptr) continue;
        for (const std::string& name : side->schema().labels())
            tables.insert(name);
    }
    StateChanges changes;
    for (const std::string& name : tables) {
        TableChange change;
        change.table = name;
        const auto a = old.find({"table", name}), b = wanted.find({"table", name});
        change.schema =
            (a == old.end()) != (b == wanted.end()) || (a != old.end() && b != wanted.end() && a->second != b->second);
        compare_table(before, after, change, changes);
        if (change.schema || change.removed + change.added + change.changed > 0) changes.tables.push_back(change);
    }
    compare_definitions(old, wanted, changes);
    compare_sequences(before, after, changes);
    return changes;
}

void compare_all_rows(Connection& before, Connection& after, DiffSink& sink) {
    const ReadView old_view(before), view(after);
    for (const std::string& name : before.schema().labels()) {
        const Side old_side = find_side(&before, name), new_side = find_side(&after, name);
        if (!new_side.table || !problem_of(old_side).empty() || !problem_of(new_side).empty()) continue;
        try {
            compare_both(old_side, new_side, name, sink);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
            sink.not_compared(name, error.detail.empty() ? error.message : error.detail);
        }
    }
}

namespace {

// What cannot be read row by row may still be known to be the same, or not.
void compare_stored(const StateFacts& before, const StateFacts& after, StateChanges& changes) {
    std::erase_if(changes.not_compared, [&](const UncomparedTable& table) {
        const auto a = before.stored.find(table.table), b = after.stored.find(table.table);
        if (a == before.stored.end() && b == after.stored.end()) return table.derived;  // it holds nothing itself
        if (a == before.stored.end() || b == after.stored.end()) return false;
        if (a->second != b->second) {
            changes.other_changes.push_back(cat("stored data of table ", quote(table.table), " would change"));
        }
        return true;
    });
}

}  // namespace

void compare_facts(const StateFacts& before, const StateFacts& after, StateChanges& changes) {
    for (const auto& [name, value] : after.settings) {
        const auto found = before.settings.find(name);
        if (found == before.settings.end() || found->second == value) continue;
        changes.other_changes.push_back(cat(name, from_to(found->second, value)));
    }
    compare_stored(before, after, changes);
    std::map<std::string, std::string> all = before.statistics;
    all.insert(after.statistics.begin(), after.statistics.end());
    for (const auto& [table, digest] : all) {
        const auto a = before.statistics.find(table), b = after.statistics.find(table);
        const std::string what = cat("statistics of table ", quote(table));
        if (a == before.statistics.end()) {
            changes.other_changes.push_back(cat(what, " would come back"));
        } else if (b == after.statistics.end()) {
            changes.other_changes.push_back(cat(what, " would go"));
        } else if (a->second != b->second) {
            changes.other_changes.push_back(cat(what, " would change"));
        }
    }
}

}  // namespace dbfixture
