// SPDX-License-Identifier: MIT
// The config's `django:` map: what a Django database does not tell of its models (DESIGN 9). Names are as Django's
// fixtures spell them: app.model, and app.model.field.
//
//   use_tz: true                            times are stored as UTC (Django's USE_TZ)
//   tables: {app.model: table}              Meta.db_table; app.model.field is a many-to-many join table
//   columns: {app.model.field: column}      db_column
//   durations: [app.model.field]            DurationField: a bigint of microseconds
//   foreign_keys: {app.model.field: app.model}   without a constraint (db_constraint=False); app.model.field for
//   to_field defaults: {app.model.field: value}      for fields that a record leaves out natural_keys: {app.model:
//   [field]}      natural_key(); an empty list: it has none
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fixture/config_tree.h"
#include "layout/layout_config.h"

namespace dbfixture {

struct DjangoConfig final : LayoutConfig {
    std::optional<bool> use_tz;
    // Keys are as django_name() spells them.
    std::map<std::string, std::string> tables;
    std::map<std::string, std::string> columns;
    std::set<std::string> durations;
    std::map<std::string, std::string> foreign_keys;
    std::map<std::string, ConfigNode> defaults;
    std::map<std::string, std::vector<std::string>> natural_keys;
    std::map<std::string, std::uint64_t> lines;  // of the keys above, for messages
    std::string file;
};

// `node` is Config::django; kNull gives an empty config. Throws Error (kUsage) with file and line.
DjangoConfig parse_django_config(const ConfigNode& node, const std::string& file);

// "app.Model.field" with the model in lower case: a model is named without regard to case, an app and a field are not.
std::string django_name(std::string_view name);

}  // namespace dbfixture
