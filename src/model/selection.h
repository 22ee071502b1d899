// SPDX-License-Identifier: MIT
// From labels, as people type them, to tables (DESIGN 3).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/schema.h"

namespace dbfixture {

// The config's `apps:`: app label -> names of its tables.
using Apps = std::map<std::string, std::vector<std::string>>;

struct SelectionOptions {
    std::vector<std::string> labels;   // empty: every table
    std::vector<std::string> exclude;  // labels too
    bool all = false;                  // with no labels: bookkeeping tables too
    Apps apps;
};

// Indexes into schema.tables, parents first (model/fk_graph.h). Derived tables (external-content indexes) are never
// among them. Tables that cannot be read back are left out with a warning unless they were named. Throws kNotFound for
// a label that matches nothing, with the nearest names as the hint, and kFailure for a table that this build cannot
// open (Table::unreadable) and that is not excluded.
std::vector<std::size_t> select_tables(const Schema& schema, const SelectionOptions& options,
                                       std::vector<std::string>& warnings);

// For a label that matches nothing but is several in one, "a,b", or a pattern, "blog_*": how to say that; else "".
std::string hint_for_label(const Schema& schema, std::string_view label, const Apps& apps);

// The tables of one label: an exact table name wins; then the app's tables by config, else every table named
// "<label>_..."; then "app.model" (config, else table "app_model"); then all tables of a schema of that name. Empty if
// nothing matches.
std::vector<std::size_t> tables_of_label(const Schema& schema, std::string_view label, const Apps& apps);

// The same, but throws kNotFound, with the nearest names as the hint, for a label that matches nothing and for an app
// whose tables in the config do not all exist.
std::vector<std::size_t> require_label(const Schema& schema, const std::string& label, const Apps& apps);

// Of all labels together: for each table whether it is meant. Throws as require_label().
std::vector<bool> tables_of_labels(const Schema& schema, const std::vector<std::string>& labels, const Apps& apps);
// The same of labels that leave something out: with what belongs to their tables (Table::belongs_to).
std::vector<bool> excluded_tables(const Schema& schema, const std::vector<std::string>& labels, const Apps& apps);

}  // namespace dbfixture
