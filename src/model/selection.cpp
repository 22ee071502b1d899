// SPDX-License-Identifier: MIT
#include "model/selection.h"

#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "model/bookkeeping.h"
#include "model/fk_graph.h"

namespace dbfixture {
namespace {

using Indexes = std::vector<std::size_t>;

// Names that a mistyped label may have meant: tables, apps of the config, and the parts of table names that are apps by
// prefix.
std::vector<std::string> known_labels(const Schema& schema, const Apps& apps) {
    std::vector<std::string> names = schema.labels();
    std::set<std::string> prefixes;
    for (const auto& [app, tables] : apps)
        prefixes.insert(app);
    for (const Table& table : schema.tables) {
        const std::size_t end = table.label().find('_');
        if (end != std::string::npos && end > 0) prefixes.insert(table.label().substr(0, end));
    }
    names.insert(names.end(), prefixes.begin(), prefixes.end());
    return names;
}

// app.model, where the model is one of the app's tables in the config, with or without the app's name before it.
Indexes table_of_app(const Schema& schema, std::string_view app, std::string_view model, const Apps& apps) {
    const std::string joined = cat(app, "_", model);
    if (const auto listed = apps.find(std::string(app)); listed != apps.end()) {
        for (const std::string& table : listed->second) {
            if (!same_name(table, model, schema.table_rule) && !same_name(table, joined, schema.table_rule)) continue;
            if (const auto found = schema.find(table)) return {*found};
        }
    }
    const auto found = schema.find(joined);
    return found ? Indexes{*found} : Indexes{};
}

Indexes tables_of_app(const Schema& schema, std::string_view app, const Apps& apps) {
    Indexes tables;
    if (const auto listed = apps.find(std::string(app)); listed != apps.end()) {
        for (const std::string& name : listed->second) {
            if (const auto found = schema.find(name)) tables.push_back(*found);
        }
        return tables;
    }
    const std::string prefix = cat(app, "_");
    for (std::size_t i = 0; i < schema.tables.size() && !app.empty(); ++i) {
        if (schema.tables[i].label().starts_with(prefix)) tables.push_back(i);
    }
    return tables;
}

// The tables, and those that belong to them (Table::belongs_to): what a label means where it leaves something out.
std::vector<std::size_t> with_belongings(const Schema& schema, std::vector<std::size_t> tables) {
    const std::size_t count = tables.size();
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const std::string& owner = schema.tables[i].belongs_to;
        const bool belongs =
            !owner.empty() && std::any_of(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(count),
                                          [&](std::size_t t) { return schema.tables[t].label() == owner; });
        if (belongs) tables.push_back(i);
    }
    return tables;
}

// How a table came to be selected decides what is done when it cannot be read back.
enum class Wanted : std::uint8_t { kNo, kAmongOthers, kByName };

std::vector<Wanted> wanted_tables(const Schema& schema, const SelectionOptions& options) {
    std::vector<Wanted> wanted(schema.tables.size(), Wanted::kNo);
    if (options.labels.empty()) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            // What another server keeps is left out with a word of its own.
            const bool foreign =
                schema.tables[i].role == TableRole::kElsewhere && !schema.tables[i].not_dumpable.empty();
            if (options.all || foreign || schema.tables[i].role == TableRole::kOrdinary)
                wanted[i] = Wanted::kAmongOthers;
        }
    }
    for (const std::string& label : options.labels) {
        const Indexes tables = require_label(schema, label, options.apps);
        const bool by_name =
            tables.size() == 1 && (schema.find(label) == tables[0] || label.find('.') != std::string::npos);
        for (const std::size_t i : tables)
            wanted[i] = std::max(wanted[i], by_name ? Wanted::kByName : Wanted::kAmongOthers);
    }
    const std::vector<bool> excluded = excluded_tables(schema, options.exclude, options.apps);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (excluded[i]) wanted[i] = Wanted::kNo;
    }
    return wanted;
}

Indexes tables_of_schema(const Schema& schema, std::string_view name) {
    Indexes out;
    for (std::size_t i = 0; i < schema.tables.size() && !name.empty(); ++i) {
        const Table& table = schema.tables[i];
        if (table.schema == name || (table.schema.empty() && schema.default_schema == name)) out.push_back(i);
    }
    return out;
}

// Of all tables, those elsewhere are left out, and those that nobody sees: nobody is to believe that they were there.
void warn_of_schemas(const Schema& schema, const SelectionOptions& options, std::vector<std::string>& warnings) {
    if (!options.labels.empty()) return;
    if (!schema.out_of_sight.empty()) warnings.push_back(schema.out_of_sight);
    if (options.all) return;
    std::uint64_t count = 0;
    std::vector<std::string> schemas;
    for (const Table& table : schema.tables) {
        if (table.role != TableRole::kElsewhere || !table.not_dumpable.empty()) continue;
        ++count;
        if (schemas.empty() || schemas.back() != table.schema) schemas.push_back(table.schema);
    }
    if (count == 0) return;
    warnings.push_back(cat(plural(count, "table"), " of ", schemas.size() == 1 ? "schema " : "schemas ",
                           quote_list(schemas), count == 1 ? " is" : " are",
                           " left out: name them, or list their schemas under \"schemas:\" in the config"));
}

// True if the table is to be read; otherwise says why not, or throws.
bool accept(const Table& table, Wanted wanted, std::vector<std::string>& warnings) {
    const bool by_name = wanted == Wanted::kByName;
    if (!table.belongs_to.empty() && !by_name) return false;  // the table that it belongs to speaks for it
    if (!table.unreadable.empty()) {
        throw Error(ErrorKind::kFailure, cat("table ", quote(table.label()), " cannot be read"))
            .with_detail(table.unreadable)
            .with_hint(
                cat("leave it out", by_name ? "" : " with --exclude ", by_name ? "" : shell_word(table.label())));
    }
    if (table.derived) {
        if (by_name) {
            warnings.push_back(cat("table ", quote(table.label()),
                                   " is left out: it is an index that is rebuilt from table ",
                                   quote(table.derived_from)));
        }
        return false;
    }
    if (table.not_dumpable.empty()) return true;
    if (by_name)
        throw Error(ErrorKind::kFailure, cat("table ", quote(table.label()), " cannot be read back"))
            .with_detail(table.not_dumpable);
    warnings.push_back(cat("table ", quote(table.label()), " is left out: ", table.not_dumpable));
    return false;
}

}  // namespace

std::vector<std::size_t> tables_of_label(const Schema& schema, std::string_view label, const Apps& apps) {
    if (const auto exact = schema.find_exact(label)) return {*exact};
    Indexes tables = tables_of_app(schema, label, apps);
    const std::size_t dot = label.find('.');
    if (tables.empty() && dot != std::string_view::npos)
        tables = table_of_app(schema, label.substr(0, dot), label.substr(dot + 1), apps);
    if (tables.empty() && !apps.contains(std::string(label))) {
        if (const auto found = schema.find(label)) tables.push_back(*found);
    }
    if (tables.empty() && !apps.contains(std::string(label))) tables = tables_of_schema(schema, label);
    return tables;
}

std::string hint_for_label(const Schema& schema, std::string_view label, const Apps& apps) {
    if (label.find(',') != std::string_view::npos) {
        std::string apart;
        for (std::size_t at = 0; at <= label.size();) {
            const std::size_t end = std::min(label.find(',', at), label.size());
            if (end > at) append(apart, cat(apart.empty() ? "" : " ", label.substr(at, end - at)));
            at = end + 1;
        }
        return apart.empty() ? "" : cat("labels are separated by spaces: ", apart);
    }
    if (label.find_first_of("*?%") == std::string_view::npos) return {};
    std::string pattern(label);
    std::ranges::replace(pattern, '%', '*');
    std::vector<std::string> names;
    for (const Table& table : schema.tables) {
        if (matches_pattern(pattern, table.label())) names.push_back(table.label());
    }
    std::string app = pattern;
    if (app.ends_with("*")) app.pop_back();
    if (app.ends_with("_") || app.ends_with(".")) app.pop_back();
    if (pattern.ends_with("*") && !tables_of_label(schema, app, apps).empty())
        return cat("a label is no pattern: ", quote(app), " stands for all tables of that app");
    if (names.empty()) return "a label is no pattern: name tables or apps, separated by spaces";
    return cat("a label is no pattern: name the tables, ", quote_list(names));
}

std::vector<std::size_t> require_label(const Schema& schema, const std::string& label, const Apps& apps) {
    if (const auto listed = apps.find(label); listed != apps.end() && !schema.find_exact(label)) {
        for (const std::string& name : listed->second) {
            if (schema.find(name)) continue;
            throw Error(ErrorKind::kNotFound, cat("table ", quote(name), ", which the config lists for app ",
                                                  quote(label), ", does not exist"))
                .with_hint(did_you_mean(name, schema.labels()));
        }
    }
    Indexes tables = tables_of_label(schema, label, apps);
    if (tables.empty() && !apps.contains(label)) {
        const std::string hint = hint_for_label(schema, label, apps);
        throw Error(ErrorKind::kNotFound, cat("no table or app is named ", quote(label)))
            .with_hint(hint.empty() ? did_you_mean(label, known_labels(schema, apps)) : hint);
    }
    return tables;
}

std::vector<bool> tables_of_labels(const Schema& schema, const std::vector<std::string>& labels, const Apps& apps) {
    std::vector<bool> out(schema.tables.size(), false);
    for (const std::string& label : labels) {
        for (const std::size_t i : require_label(schema, label, apps))
            out[i] = true;
    }
    return out;
}

std::vector<bool> excluded_tables(const Schema& schema, const std::vector<std::string>& labels, const Apps& apps) {
    std::vector<bool> out(schema.tables.size(), false);
    for (const std::string& label : labels) {
        for (const std::size_t i : with_belongings(schema, require_label(schema, label, apps)))
            out[i] = true;
    }
    return out;
}

std::vector<std::size_t> select_tables(const Schema& schema, const SelectionOptions& options,
                                       std::vector<std::string>& warnings) {
    const std::vector<Wanted> wanted = wanted_tables(schema, options);
    Indexes selected;
    for (const std::size_t i : order_tables(schema).tables) {
        if (wanted[i] != Wanted::kNo && accept(schema.tables[i], wanted[i], warnings)) selected.push_back(i);
    }
    warn_of_schemas(schema, options, warnings);
    return selected;
}

}  // namespace dbfixture
