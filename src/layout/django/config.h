// SPDX-License-Identifier: MIT
// The config's `django:` map: what a Django database does not tell of its models (DESIGN 9). Names are as Django's
// fixtures spell them: app.model, and app.model.field.
//
// * `use_tz: true`: times are stored as UTC (Django's USE_TZ).
// * `time_zone: Europe/Berlin`: of times that say none (Django's TIME_ZONE), where columns keep moments.
// * `tables: {app.model: table}`: Meta.db_table; app.model.field is a many-to-many join table.
// * `columns: {app.model.field: column}`: db_column.
// * `durations: [app.model.field]`: DurationFields, each a bigint of microseconds; the list is all of them.
// * `decimals: {app.model.field: 2}`: decimal_places, for the zeros that Django writes.
// * `foreign_keys: {app.model.field: app.model}`: without a constraint (db_constraint=False); app.model.field for
//   to_field.
// * `defaults: {app.model.field: value}`: for fields that a record leaves out: any value, or the words now and uuid4.
// * `natural_keys: {app.model: [field]}`: natural_key(); an empty list: it has none. {read: [field]}: only
//   get_by_natural_key(), so that it is read and never written.
// * `permissions: [app.model.codename]`: Meta.permissions, which Django's flush makes anew as the default ones.
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
    std::string time_zone;
    // Keys are as django_name() spells them.
    std::map<std::string, std::string> tables;
    std::map<std::string, std::string> columns;
    std::set<std::string> durations;
    bool names_all_durations = false;  // the config has the list, be it empty
    std::map<std::string, int> decimals;
    std::map<std::string, std::string> foreign_keys;
    std::map<std::string, ConfigNode> defaults;
    std::map<std::string, std::vector<std::string>> natural_keys;
    std::set<std::string> read_only_keys;  // those of natural_keys that are never written
    std::set<std::string> permissions;
    // Of a key of one of the maps and lists above; 0 if it is not there.
    std::uint64_t line(std::string_view section, const std::string& name) const;
    std::map<std::string, std::uint64_t> lines;  // by "section name"
    std::string file;
};

// `node` is Config::django; kNull gives an empty config. Throws Error (kUsage) with file and line.
DjangoConfig parse_django_config(const ConfigNode& node, const std::string& file);

// "app.Model.field" with the model in lower case: a model is named without regard to case, an app and a field are not.
std::string django_name(std::string_view name);

}  // namespace dbfixture
