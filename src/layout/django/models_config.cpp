// SPDX-License-Identifier: MIT
// What the config adds to django_models.h, and how the two are checked against each other.
#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/django/models.h"

namespace dbfixture {

void DjangoModels::add_configured_joins() {
    for (const auto& [name, join] : config_.tables) {
        if (std::count(name.begin(), name.end(), '.') != 2) continue;
        const auto fail = [&, &key = name](std::string message) {
            throw Error(ErrorKind::kUsage, cat("in \"django\": ", message))
                .at({.file = config_.file, .line = config_.line("tables", key)});
        };
        const std::size_t dot = name.rfind('.');
        const auto owner = by_label_.find(name.substr(0, dot));
        const auto table = schema_->find(join);
        if (owner == by_label_.end()) {
            is_absent(name.substr(0, dot), "tables", name);
            continue;
        }
        if (!table) fail(cat("the table ", quote(join), " does not exist"));
        if (owner_of_table_[*table]) continue;
        const std::size_t owner_table = models_[owner->second].table;
        const auto& keys = schema_->tables[*table].foreign_keys;
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const ForeignKey& foreign) {
            return foreign.columns.size() == 1 && foreign.parent == owner_table;
        });
        if (!is_join(schema_->tables[*table]) || key == keys.end()) {
            fail(cat("the table ", quote(join), " is no many-to-many table of ", quote(models_[owner->second].label)));
        }
        add_join(*table, owner_table, static_cast<std::size_t>(key - keys.begin()), name.substr(dot + 1));
    }
}

// Foreign keys that the schema does not have.
void DjangoModels::add_configured_keys(DjangoModel& model) {
    for (const auto& [name, to] : config_.foreign_keys) {
        if (!name.starts_with(django_name(model.label) + ".")) continue;
        const auto fail = [&, &at = name](const std::string& message) {
            throw Error(ErrorKind::kUsage, cat("in \"django\": ", message))
                .at({.file = config_.file, .line = config_.line("foreign_keys", at)});
        };
        const std::string field_name = name.substr(name.rfind('.') + 1);
        const DjangoField* known = model.find_field(field_name);
        if (known == nullptr) known = model.find_field(field_name + "_id");
        if (known == nullptr) fail(cat(quote(model.label), " has no field ", quote(field_name)));
        const bool has_field = std::count(to.begin(), to.end(), '.') == 2;
        const std::size_t end = has_field ? to.rfind('.') : to.size();
        DjangoField& field = model.fields[static_cast<std::size_t>(known - model.fields.data())];
        field.name = field_name;
        const DjangoModel* target = find(to.substr(0, end));
        if (target == nullptr) {  // in another database, say
            notes_.push_back(cat(config_.file, ":", config_.line("foreign_keys", name), ": this database has no model ",
                                 to.substr(0, end), ", to which ", name, " refers"));
            field.facts = {Relation::kToOne, to.substr(0, end)};
            continue;
        }
        const Table& table = schema_->tables[target->table];
        const auto column = has_field               ? table.find_column(to.substr(end + 1))
                            : table.key.size() == 1 ? std::optional(table.key[0])
                                                    : std::nullopt;
        if (!column) fail(cat(quote(target->label), has_field ? " has no such field" : " has no key of one column"));
        field.target = DjangoTarget{target->table, *column};
        set_facts(field, schema_->tables[model.table]);
    }
}

// One config serves the databases of a project, which need not all have every model.
bool DjangoModels::is_absent(const std::string& label, std::string_view section, const std::string& name) {
    if (find(label) != nullptr) return false;
    if (unplaced_.contains(label)) return true;
    const std::string place = cat(config_.file, ":", config_.line(section, name), ": ");
    const std::string near = did_you_mean(label, labels());
    const std::string note = cat(place, "this database has no model ", label, ", of which ", quote(section), " speaks",
                                 near.empty() ? "" : cat(" (", near, ")"));
    if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
    return true;
}

void DjangoModels::check_config() {
    const auto check = [&](const std::string& name, std::string_view section) {
        const std::size_t dot = name.rfind('.');
        const std::string label = name.substr(0, dot), field_name = name.substr(dot + 1);
        if (is_absent(label, section, name)) return;
        const DjangoModel* model = find(label);
        if (model->find_field(field_name) != nullptr) return;
        std::vector<std::string> names;
        for (const DjangoField& field : model->fields)
            names.push_back(field.name);
        throw Error(ErrorKind::kUsage,
                    cat("in \"django\": ", quote(section), " names ", quote(name), ", which does not exist"))
            .with_hint(did_you_mean(field_name, names))
            .at({.file = config_.file, .line = config_.line(section, name)});
    };
    for (const std::string& name : config_.durations)
        check(name, "durations");
    for (const auto& [name, places] : config_.decimals)
        check(name, "decimals");
    for (const auto& [name, value] : config_.defaults)
        check(name, "defaults");
    for (const auto& [name, to] : config_.foreign_keys)
        check(name, "foreign_keys");
    for (const auto& [name, column] : config_.columns)
        check(name, "columns");
    for (const auto& [name, fields] : config_.natural_keys)
        is_absent(name, "natural_keys", name);
    for (const std::string& name : config_.permissions)
        is_absent(name.substr(0, name.rfind('.')), "permissions", name);
}

}  // namespace dbfixture
