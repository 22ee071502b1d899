// SPDX-License-Identifier: MIT
#include "ops/flush.h"

#include <algorithm>
#include <numeric>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/fk_graph.h"

namespace dbfixture {
namespace {

// Content types and permissions are written by Django's migrate, and its own flush makes them anew.
bool is_remade_by_django(const Schema& schema, const Table& table) {
    return (table.name == "django_content_type" || table.name == "auth_permission") &&
           schema.find_exact("django_migrations") && schema.find_exact("django_content_type");
}

std::vector<bool> chosen_tables(const Schema& schema, const FlushOptions& options, FlushPlan& plan) {
    std::vector<bool> chosen(schema.tables.size(), false);
    for (std::size_t i = 0; i < chosen.size() && options.labels.empty(); ++i) {
        const Table& table = schema.tables[i];
        const bool stays = is_remade_by_django(schema, table);
        if (stays) plan.kept.push_back(table.name);
        chosen[i] = table.role == TableRole::kOrdinary && !stays;
    }
    for (const std::string& label : options.labels) {
        for (const std::size_t i : require_label(schema, label, options.apps))
            chosen[i] = true;
    }
    for (const std::string& label : options.exclude) {
        for (const std::size_t i : require_label(schema, label, options.apps))
            chosen[i] = false;
    }
    return chosen;
}

// The first chosen table that `child` refers to with any row; nothing if there is none.
std::optional<std::size_t> cut_off_parent(Connection& connection, std::size_t child, const std::vector<bool>& chosen) {
    const Schema& schema = connection.schema();
    for (const ForeignKey& key : schema.tables[child].foreign_keys) {
        const auto parent = schema.find(key.parent);
        if (parent && *parent != child && chosen[*parent] && connection.has_references(child, key)) return parent;
    }
    return std::nullopt;
}

void cascade(Connection& connection, std::vector<bool>& chosen, FlushPlan& plan) {
    const Schema& schema = connection.schema();
    for (bool again = true; again;) {
        again = false;
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            if (chosen[i] || !schema.tables[i].unreadable.empty() || !cut_off_parent(connection, i, chosen)) continue;
            chosen[i] = again = true;
            plan.cascaded.push_back(schema.tables[i].name);
        }
    }
    std::sort(plan.cascaded.begin(), plan.cascaded.end());
}

void refuse_cut_off(Connection& connection, const std::vector<bool>& chosen) {
    const Schema& schema = connection.schema();
    std::string list;
    std::size_t count = 0;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i] || !schema.tables[i].unreadable.empty()) continue;
        if (const auto parent = cut_off_parent(connection, i, chosen)) {
            append(list, cat(count++ == 0 ? "" : ", ", quote(schema.tables[i].name), " (to ",
                             quote(schema.tables[*parent].name), ")"));
        }
    }
    if (count == 0) return;
    throw Error(ErrorKind::kRefused, "other tables refer to rows that would be deleted")
        .with_detail(cat("These tables have such foreign keys: ", list, "."))
        .with_hint("name them too, or empty them as well with --cascade");
}

}  // namespace

std::uint64_t FlushPlan::total() const {
    return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0});
}

FlushPlan plan_flush(Connection& connection, const FlushOptions& options) {
    const Schema& schema = connection.schema();
    FlushPlan plan;
    plan.request.keep_sequences = options.keep_sequences;
    std::vector<bool> chosen = chosen_tables(schema, options, plan);
    if (options.cascade) {
        cascade(connection, chosen, plan);
    } else {
        refuse_cut_off(connection, chosen);
    }
    std::vector<std::size_t> order = order_tables(schema).tables;
    std::reverse(order.begin(), order.end());
    for (const std::size_t i : order) {
        const Table& table = schema.tables[i];
        if (!chosen[i] || table.derived) continue;  // a derived index is emptied with its content
        if (!table.unreadable.empty()) {
            throw Error(ErrorKind::kFailure, cat("table ", quote(table.name), " cannot be emptied"))
                .with_detail(table.unreadable)
                .with_hint(cat("leave it out with --exclude ", table.name));
        }
        plan.request.tables.push_back(i);
        plan.rows.push_back(connection.statistics(i).rows);
    }
    return plan;
}

}  // namespace dbfixture
