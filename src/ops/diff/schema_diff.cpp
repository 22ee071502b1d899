// SPDX-License-Identifier: MIT
#include "ops/diff/schema_diff.h"

#include <map>
#include <optional>
#include <set>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture {
namespace {

class SchemaComparison {
  public:
    SchemaComparison(const ChosenTables& chosen, DiffSink& sink) : chosen_(chosen), sink_(sink) {}

    void tables(Connection& side_a, Connection& side_b, bool same_engine) {
        const Schema& a = side_a.schema();
        const Schema& b = side_b.schema();
        std::set<std::string> labels;
        for (const Schema* const schema : {&a, &b}) {
            for (const std::string& label : schema->labels()) {
                if (chosen_.has(label)) labels.insert(label);
            }
        }
        for (const std::string& label : labels) {
            const auto in_a = a.find_exact(label), in_b = b.find_exact(label);
            if (!in_b) {
                give({"table", label, RowChange::kOnlyA, "", "", rows_of(side_a, *in_a)});
            } else if (!in_a) {
                give({"table", label, RowChange::kOnlyB, "", "", rows_of(side_b, *in_b)});
            } else {
                columns(a.tables[*in_a], b.tables[*in_b], same_engine);
            }
        }
    }

    void definitions(Connection& a, Connection& b) {
        std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> all;
        std::set<std::pair<std::string, std::string>> in_a, in_b;
        for (const SchemaObject& object : a.schema_objects()) {
            all[{object.kind, object.name}].first = object.definition;
            in_a.emplace(object.kind, object.name);
        }
        for (const SchemaObject& object : b.schema_objects()) {
            all[{object.kind, object.name}].second = object.definition;
            in_b.emplace(object.kind, object.name);
        }
        for (const auto& [what, text] : all) {
            const auto& [kind, name] = what;
            const bool both = in_a.contains(what) && in_b.contains(what);
            if (kind == "table") {
                if (both && text.first != text.second && chosen_.has(name) && !explained_.contains(name))
                    give({kind, name, RowChange::kDiffers, text.first, text.second});
            } else if (chosen_.is_everything() && (!both || text.first != text.second)) {
                give({kind, name,
                      both                  ? RowChange::kDiffers
                      : in_a.contains(what) ? RowChange::kOnlyA
                                            : RowChange::kOnlyB,
                      text.first, text.second});
            }
        }
    }

    void give(const OtherDifference& difference) {
        ++count;
        sink_.take(difference);
    }
    std::uint64_t count = 0;

  private:
    // Nothing where they cannot be counted.
    static std::optional<std::uint64_t> rows_of(Connection& side, std::size_t table) {
        try {
            if (side.schema().tables[table].unreadable.empty()) return side.statistics(table).rows;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kFailure) throw;
        }
        return std::nullopt;
    }

    void columns(const Table& a, const Table& b, bool same_engine) {
        const auto other = [&](const Table& table, const Column& column) -> const Column* {
            for (const Column& each : table.columns) {
                if (each.name == column.name) return &each;
            }
            return nullptr;
        };
        const auto note = [&](OtherDifference difference) {
            explained_.insert(a.label());
            if (!chosen_.is_ignored(a.label(), difference.name)) {
                difference.name = cat(a.label(), ".", difference.name);
                give(difference);
            }
        };
        for (const Column& column : a.columns) {
            const Column* const same = other(b, column);
            if (same == nullptr) {
                note({"column", column.name, RowChange::kOnlyA, column.declared});
            } else if (same_engine && same->declared != column.declared) {
                note({"column", column.name, RowChange::kDiffers, column.declared, same->declared});
            }
        }
        for (const Column& column : b.columns) {
            if (other(a, column) == nullptr) note({"column", column.name, RowChange::kOnlyB, "", column.declared});
        }
    }

    const ChosenTables& chosen_;
    DiffSink& sink_;
    std::set<std::string> explained_;
};

std::map<std::string, std::string> stored_sequences(Connection& connection, const ChosenTables& chosen) {
    const Schema& schema = connection.schema();
    std::vector<std::size_t> tables;
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const Table& table = schema.tables[i];
        if (table.has_sequence() && table.unreadable.empty() && chosen.has(table.label())) tables.push_back(i);
    }
    std::map<std::string, std::string> out;
    for (const Sequence& sequence : connection.sequences(tables)) {
        const Table& table = schema.tables[sequence.table];
        if (chosen.is_ignored(table.label(), table.columns[sequence.column].name)) continue;
        const auto given = sequence.given();
        out[cat(table.label(), ".", table.columns[sequence.column].name)] = given ? cat(*given) : "none";
    }
    return out;
}

}  // namespace

std::uint64_t compare_schemas(Connection& a, Connection& b, const ChosenTables& chosen, bool same_engine,
                              DiffSink& sink) {
    SchemaComparison comparison(chosen, sink);
    comparison.tables(a, b, same_engine);
    if (same_engine) comparison.definitions(a, b);
    return comparison.count;
}

std::uint64_t compare_sequences(Connection& a, Connection& b, const ChosenTables& chosen, DiffSink& sink) {
    const auto in_a = stored_sequences(a, chosen), in_b = stored_sequences(b, chosen);
    std::uint64_t count = 0;
    for (const auto& [name, value] : in_a) {
        const auto other = in_b.find(name);
        if (other == in_b.end() || other->second == value) continue;
        ++count;
        sink.take(OtherDifference{"sequence", name, RowChange::kDiffers, value, other->second});
    }
    return count;
}

}  // namespace dbfixture
