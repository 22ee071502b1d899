// SPDX-License-Identifier: MIT
#include "ops/diff.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

void add_value(std::string& out, const Value& value) {
    out.push_back(static_cast<char>(value.kind()));
    const auto raw = [&](const auto& number) { out.append(reinterpret_cast<const char*>(&number), sizeof number); };
    switch (value.kind()) {
        case ValueKind::kNull:
        case ValueKind::kList:
        case ValueKind::kMap:
            break;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            raw(value.as_integer());
            break;
        case ValueKind::kUnsigned:
            raw(value.as_unsigned());
            break;
        case ValueKind::kReal:
            raw(value.as_real());
            break;
        case ValueKind::kDecimal:
        case ValueKind::kText:
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson:
            raw(value.as_text().size());
            out += value.as_text();
            break;
    }
}

// Digests of a row: of what addresses it, and of all of it. A row without an address is addressed by all of it.
struct RowSum {
    std::uint64_t key = 0;
    std::uint64_t all = 0;
    bool operator<(const RowSum& other) const { return key != other.key ? key < other.key : all < other.all; }
};

std::uint64_t sum_of(const std::string& text) {
    Checksum sum;
    sum.update(text);
    return sum.digest_number();
}

class RowSums final : public RowSink {
  public:
    void take(const Row& row) override {
        text_.clear();
        for (const Value& value : row.key)
            add_value(text_, value);
        if (row.row_number) add_value(text_, Value::integer(*row.row_number));
        const bool addressed = !text_.empty();
        RowSum sum;
        if (addressed) sum.key = sum_of(text_);
        for (const Value& value : row.values)
            add_value(text_, value);
        sum.all = sum_of(text_);
        if (!addressed) sum.key = sum.all;
        sums.push_back(sum);
    }
    std::vector<RowSum> sums;

  private:
    std::string text_;
};

std::vector<RowSum> row_sums(Connection& connection, std::size_t table) {
    RowQuery query;
    query.table = table;
    const Table& facts = connection.schema().tables[table];
    for (std::size_t i = 0; i < facts.columns.size(); ++i) {
        if (!facts.is_key_column(i)) query.columns.push_back(i);
    }
    RowSums sums;
    connection.read_rows(query, sums);
    std::sort(sums.sums.begin(), sums.sums.end());
    return std::move(sums.sums);
}

using Definitions = std::map<std::pair<std::string, std::string>, std::string>;

Definitions definitions(Connection* connection) {
    Definitions out;
    if (connection == nullptr) return out;
    for (const SchemaObject& object : connection->schema_objects()) {
        out[{object.kind, object.name}] = object.definition;
    }
    return out;
}

struct Side {
    bool there = false;
    std::optional<std::vector<RowSum>> rows;  // nothing if they cannot be read: `problem` says why
    std::string problem;
    bool derived = false;
};

Side read_side(Connection* connection, const std::string& name) {
    Side side;
    if (connection == nullptr) return side;
    const auto index = connection->schema().find_exact(name);
    if (!index) return side;
    side.there = true;
    const Table& table = connection->schema().tables[*index];
    if (!table.unreadable.empty() || !table.not_dumpable.empty()) {
        side.problem = table.unreadable.empty() ? table.not_dumpable : table.unreadable;
    } else if (table.derived) {
        side.problem = "it is an index of another table's rows";
        side.derived = true;
    } else {
        try {
            side.rows = row_sums(*connection, *index);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
            side.problem = error.detail.empty() ? error.message : error.detail;
        }
    }
    return side;
}

// Both sorted. Rows of one address that are on both sides, but not alike, are changed.
void count_changes(const std::vector<RowSum>& before, const std::vector<RowSum>& after, TableChange& change) {
    auto a = before.begin(), b = after.begin();
    while (a != before.end() || b != after.end()) {
        const bool old_one = b == after.end() || (a != before.end() && a->key <= b->key);
        const std::uint64_t key = old_one ? a->key : b->key;
        std::vector<RowSum> gone, come;
        const auto a_begin = a, b_begin = b;
        while (a != before.end() && a->key == key)
            ++a;
        while (b != after.end() && b->key == key)
            ++b;
        std::set_difference(a_begin, a, b_begin, b, std::back_inserter(gone));
        std::set_difference(b_begin, b, a_begin, a, std::back_inserter(come));
        const std::size_t both = std::min(gone.size(), come.size());
        change.changed += both;
        change.removed += gone.size() - both;
        change.added += come.size() - both;
    }
}

void compare_table(Connection* before, Connection& after, TableChange& change, StateChanges& changes) {
    const Side old_side = read_side(before, change.table), new_side = read_side(&after, change.table);
    if (old_side.rows) change.before = old_side.rows->size();
    if (new_side.rows) change.after = new_side.rows->size();
    const std::string& problem = old_side.problem.empty() ? new_side.problem : old_side.problem;
    if (!problem.empty()) {
        changes.not_compared.push_back({change.table, problem, old_side.derived || new_side.derived});
        return;
    }
    const std::vector<RowSum> none;
    count_changes(old_side.rows ? *old_side.rows : none, new_side.rows ? *new_side.rows : none, change);
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
