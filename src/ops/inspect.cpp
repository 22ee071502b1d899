// SPDX-License-Identifier: MIT
#include "ops/inspect.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/fk_graph.h"

namespace dbfixture {
namespace {

bool selects(const Schema& schema, const std::string& label, const Apps& apps, std::size_t table) {
    const std::vector<std::size_t> tables = tables_of_label(schema, label, apps);
    return std::find(tables.begin(), tables.end(), table) != tables.end();
}

std::vector<std::string> labels_of(const Schema& schema, const Apps& apps, std::size_t table) {
    const std::string& name = schema.tables[table].label();
    std::vector<std::string> labels = {name};
    const auto add = [&](const std::string& label) {
        const bool known = std::find(labels.begin(), labels.end(), label) != labels.end();
        if (!known && selects(schema, label, apps, table)) labels.push_back(label);
    };
    for (const auto& [app, tables] : apps) {
        if (!selects(schema, app, apps, table)) continue;
        add(app);
        add(cat(app, ".", name));
    }
    if (const std::size_t end = name.find('_'); end != std::string::npos && end > 0) {
        add(name.substr(0, end));
        add(cat(name.substr(0, end), ".", name.substr(end + 1)));
    }
    return labels;
}

std::string reason_left_out(const Table& table) {
    if (table.derived) return cat("an index that is rebuilt from table ", quote(table.derived_from));
    if (!table.not_dumpable.empty()) return table.not_dumpable;
    switch (table.role) {
        case TableRole::kBookkeeping:
            return "bookkeeping of a migration tool";
        case TableRole::kElsewhere:
            return "in a schema that is not among those selected";
        case TableRole::kOrdinary:
            break;
    }
    return "";
}

std::vector<bool> shown_tables(const Schema& schema, const InspectOptions& options) {
    std::vector<bool> shown(schema.tables.size(), options.labels.empty());
    for (const std::string& label : options.labels) {
        for (const std::size_t table : require_label(schema, label, options.apps))
            shown[table] = true;
    }
    return shown;
}

// A table that this build cannot open, or that is damaged, says why in place of its rows.
void count_rows(Connection& connection, InspectedTable& inspected) {
    const Table& table = connection.schema().tables[inspected.table];
    inspected.problem = table.unreadable;
    if (!inspected.problem.empty() || table.derived || !table.not_dumpable.empty()) return;
    try {
        inspected.rows = connection.statistics(inspected.table).rows;
        for (const Sequence& sequence : connection.sequences({inspected.table}))
            inspected.sequence = sequence.stored;
    } catch (const Error& error) {
        if (error.kind == ErrorKind::kInterrupted || error.kind == ErrorKind::kBusy) throw;
        inspected.problem = error.detail.empty() ? error.message : cat(error.message, ": ", error.detail);
    }
}

}  // namespace

Inspection inspect(Connection& connection, const InspectOptions& options) {
    const Schema& schema = connection.schema();
    const std::vector<bool> shown = shown_tables(schema, options);
    const TableOrder order = order_tables(schema);
    Inspection out;
    for (const std::size_t table : order.tables) {
        if (!shown[table]) continue;
        InspectedTable inspected;
        inspected.table = table;
        inspected.labels = labels_of(schema, options.apps, table);
        inspected.left_out = reason_left_out(schema.tables[table]);
        if (options.count_rows) {
            count_rows(connection, inspected);
        } else {
            inspected.problem = schema.tables[table].unreadable;
        }
        out.rows += inspected.rows.value_or(0);
        out.tables.push_back(std::move(inspected));
    }
    for (const std::vector<std::size_t>& cycle : order.cycles) {
        if (std::any_of(cycle.begin(), cycle.end(), [&](std::size_t table) { return shown[table]; }))
            out.cycles.push_back(cycle);
    }
    return out;
}

}  // namespace dbfixture
