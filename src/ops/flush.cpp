// SPDX-License-Identifier: MIT
#include "ops/flush.h"

#include <algorithm>
#include <map>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "model/fk_graph.h"
#include "ops/tries.h"

namespace dbfixture {
namespace {

bool contains(const std::vector<std::size_t>& tables, std::size_t table) {
    return std::find(tables.begin(), tables.end(), table) != tables.end();
}

bool is_on_another_server(const Table& table) {
    return table.role == TableRole::kElsewhere && !table.not_dumpable.empty();
}

std::vector<bool> chosen_tables(const Schema& schema, const FlushOptions& options, const std::vector<bool>& excluded,
                                FlushPlan& plan) {
    std::vector<bool> chosen = tables_of_labels(schema, options.labels, options.apps);
    for (std::size_t i = 0; i < chosen.size() && options.labels.empty(); ++i) {
        const Table& table = schema.tables[i];
        const bool stays = contains(options.kept.tables, i) || is_on_another_server(table);
        if (stays) plan.kept.push_back(table.label());
        chosen[i] = table.role == TableRole::kOrdinary && !stays;
    }
    for (std::size_t i = 0; i < chosen.size(); ++i)
        chosen[i] = chosen[i] && !excluded[i];
    return chosen;
}

struct Reference {
    std::size_t child = 0;
    const ForeignKey* key = nullptr;
};

// For each table, the foreign keys of other tables that refer to it.
std::vector<std::vector<Reference>> references_to(const Schema& schema) {
    std::vector<std::vector<Reference>> out(schema.tables.size());
    for (std::size_t child = 0; child < out.size(); ++child) {
        for (const ForeignKey& key : schema.tables[child].foreign_keys) {
            if (key.parent && *key.parent != child && schema.tables[*key.parent].unreadable.empty())
                out[*key.parent].push_back({child, &key});
        }
    }
    return out;
}

// Whether a row really refers to one of the parent. A table that cannot be read may still be asked; where it cannot, it
// shuts out no other.
bool refers(Connection& connection, const Reference& reference) {
    try {
        return connection.has_references(reference.child, *reference.key);
    } catch (const Error& error) {
        const bool readable = connection.schema().tables[reference.child].unreadable.empty();
        if (readable || error.kind != ErrorKind::kFailure) throw;
        return false;
    }
}

// A table of which rows stay loses none to which a table that is not emptied may refer.
void keep_what_is_referred_to(const Schema& schema, const std::vector<KeptRows>& keep, std::vector<bool>& chosen) {
    for (bool again = true; again;) {
        again = false;
        for (const KeptRows& kept : keep) {
            if (!chosen[kept.table]) continue;
            for (std::size_t child = 0; child < chosen.size() && chosen[kept.table]; ++child) {
                const auto& keys = schema.tables[child].foreign_keys;
                const auto refers = [&](const ForeignKey& key) { return key.parent == kept.table; };
                if (chosen[child] || !schema.tables[child].unreadable.empty() ||
                    std::none_of(keys.begin(), keys.end(), refers))
                    continue;
                chosen[kept.table] = false;
                again = true;
            }
        }
    }
}

void cascade(Connection& connection, const std::vector<bool>& excluded, std::vector<bool>& chosen, FlushPlan& plan) {
    const Schema& schema = connection.schema();
    const auto references = references_to(schema);
    std::vector<std::size_t> waiting;  // chosen tables whose children are to be looked at
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i]) waiting.push_back(i);
    }
    while (!waiting.empty()) {
        const std::size_t parent = waiting.back();
        waiting.pop_back();
        for (const Reference& reference : references[parent]) {
            if (chosen[reference.child] || excluded[reference.child] || !refers(connection, reference)) continue;
            chosen[reference.child] = true;
            waiting.push_back(reference.child);
            plan.cascaded.push_back(schema.tables[reference.child].label());
        }
    }
    std::sort(plan.cascaded.begin(), plan.cascaded.end());
}

void refuse_cut_off(Connection& connection, const std::vector<bool>& chosen, std::string_view hint) {
    const Schema& schema = connection.schema();
    std::map<std::size_t, std::size_t> cut_off;  // child -> the first parent that it really refers to
    const auto references = references_to(schema);
    for (std::size_t parent = 0; parent < chosen.size(); ++parent) {
        for (const Reference& reference : references[parent]) {
            if (!chosen[parent] || chosen[reference.child] || cut_off.contains(reference.child)) continue;
            if (refers(connection, reference)) cut_off[reference.child] = parent;
        }
    }
    if (cut_off.empty()) return;
    std::string list;
    for (const auto& [child, parent] : cut_off) {
        append(list, cat(list.empty() ? "" : ", ", quote(schema.tables[child].label()), " (to ",
                         quote(schema.tables[parent].label()), ")"));
    }
    throw Error(ErrorKind::kRefused, "other tables refer to rows that would be deleted")
        .with_detail(cat("These tables have such foreign keys: ", list, "."))
        .with_hint(std::string(hint));
}

}  // namespace

std::vector<std::size_t> tables_to_flush(const Schema& schema, const FlushOptions& options) {
    FlushPlan ignored;
    const std::vector<bool> chosen =
        chosen_tables(schema, options, excluded_tables(schema, options.exclude, options.apps), ignored);
    std::vector<std::size_t> out;
    for (const std::size_t i : order_tables(schema).tables) {
        if (chosen[i] && !schema.tables[i].derived) out.push_back(i);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

FlushPlan plan_flush(Connection& connection, const FlushOptions& options) {
    const Schema& schema = connection.schema();
    FlushPlan plan;
    plan.request.keep_sequences = options.keep_sequences;
    plan.request.drop_triggers = options.drop_triggers;
    const std::vector<bool> excluded = excluded_tables(schema, options.exclude, options.apps);
    std::vector<bool> chosen = chosen_tables(schema, options, excluded, plan);
    const std::vector<KeptRows> keep = options.labels.empty() ? options.kept.rows : std::vector<KeptRows>();
    keep_what_is_referred_to(schema, keep, chosen);
    for (const KeptRows& kept : keep)
        plan.kept.push_back(schema.tables[kept.table].label());
    std::sort(plan.kept.begin(), plan.kept.end());
    if (options.cascade) cascade(connection, excluded, chosen, plan);
    refuse_cut_off(connection, chosen,
                   options.cascade ? "exclude what they refer to as well, or do not exclude them"
                                   : "name them too, or empty them as well with --cascade");
    std::vector<std::size_t> order = order_tables(schema).tables;
    std::reverse(order.begin(), order.end());
    for (const std::size_t i : order) {
        const Table& table = schema.tables[i];
        if (!chosen[i] || table.derived) continue;  // a derived index is emptied with its content
        if (!table.belongs_to.empty() && options.labels.empty()) continue;
        if (!table.unreadable.empty()) {
            throw Error(ErrorKind::kFailure, cat("table ", quote(table.label()), " cannot be emptied"))
                .with_detail(table.unreadable)
                .with_hint(cat("leave it out with --exclude ", shell_word(table.label())));
        }
        if (is_on_another_server(table)) {
            throw Error(ErrorKind::kRefused, cat("table ", quote(table.label()), " cannot be emptied"))
                .with_detail(cat("It cannot be written: ", table.not_dumpable, "."));
        }
        const auto kept = std::find_if(keep.begin(), keep.end(), [&](const KeptRows& k) { return k.table == i; });
        if (kept != keep.end() && connection.statistics(i).rows == kept->keys.size()) continue;
        if (kept != keep.end()) plan.request.kept.push_back(*kept);
        plan.request.tables.push_back(i);
    }
    return plan;
}

std::vector<std::uint64_t> flush(Connection& connection, const FlushRequest& request) {
    return try_often(connection.capabilities().begins_anew, [&] { return connection.flush(request); });
}

std::uint64_t count_rows(Connection& connection, const FlushPlan& plan) {
    const ReadView view(connection);
    std::uint64_t rows = 0;
    for (const std::size_t table : plan.request.tables)
        rows += connection.statistics(table).rows;
    for (const KeptRows& kept : plan.request.kept)
        rows -= kept.keys.size();
    return rows;
}

}  // namespace dbfixture
