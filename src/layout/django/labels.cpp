// SPDX-License-Identifier: MIT
// Labels of models.h: what people type, and the apps that selection knows.
#include <algorithm>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/django/models.h"

namespace dbfixture {
namespace {

std::string app_of(std::string_view label) {
    return std::string(label.substr(0, label.find('.')));
}

}  // namespace

Apps DjangoModels::apps(Apps apps) const {
    if (!enabled_) return apps;
    Apps found;
    for (const DjangoModel& model : models_) {
        const std::string& name = schema_->tables[model.table].label();
        found[model.app].push_back(name);
        for (const DjangoMembers& members : model.members)
            found[model.app].push_back(schema_->tables[members.table].label());
        if (!equals_ignore_case(name, cat(model.app, "_", model.label.substr(model.app.size() + 1))))
            found[model.label] = {name};
    }
    for (const auto& [label, model] : by_label_) {
        if (django_name(models_[model].label) != label) found[label] = {schema_->tables[models_[model].table].label()};
    }
    apps.merge(found);
    return apps;
}

std::vector<std::size_t> DjangoModels::unknown_tables() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < schema_->tables.size(); ++i) {
        const bool known = model_of_table_[i] || owner_of_table_[i];
        if (!known && schema_->tables[i].role == TableRole::kOrdinary) out.push_back(i);
    }
    return out;
}

std::vector<std::size_t> DjangoModels::doubtful_tables() const {
    std::vector<std::size_t> out = unknown_tables();
    for (const DjangoModel& model : models_) {
        if (model.app_guessed) out.push_back(model.table);
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool DjangoModels::may_be_list(std::size_t table) const {
    return is_join(schema_->tables[table]);
}

void DjangoModels::no_table(const std::string& label) const {
    if (const auto named = config_.tables.find(django_name(label)); named != config_.tables.end()) {
        throw Error(ErrorKind::kNotFound,
                    cat("the table ", quote(named->second), " of ", quote(label), " does not exist"))
            .with_detail(cat("The config says so (", config_.file, ":", config_.line("tables", named->first), ")."))
            .with_hint(did_you_mean(named->second, schema_->labels()));
    }
    throw Error(ErrorKind::kNotFound, cat("the model ", quote(label), " has no table that is known"))
        .with_hint(cat("write its table into the config: \"tables: {", label, ": TABLE}\" under \"django:\""));
}

std::string DjangoModels::spell(const std::string& label) const {
    if (label.find('.') == std::string::npos || schema_->find_exact(label)) return label;
    const DjangoModel* model = find(label);
    return model == nullptr ? label : model->label;
}

// Selection would know tables only.
void DjangoModels::require(const std::string& label, const Apps& apps) const {
    if (apps.contains(label) || !tables_of_label(*schema_, label, apps).empty()) return;
    const bool has_model = label.find('.') != std::string::npos;
    std::set<std::string> known;
    for (const DjangoModel& model : models_) {
        if (!has_model) known.insert(model.app);
        if (has_model && model.app == app_of(label)) known.insert(model.label);
    }
    const std::vector<std::string> names(known.begin(), known.end());
    Error error(ErrorKind::kNotFound, cat("no table or app is named ", quote(label)));
    if (!names.empty())
        error.with_detail(cat(has_model ? "The app has " : "The apps are ", quote_list(names, 40), "."));
    if (std::string hint = hint_for_label(*schema_, label, apps); !hint.empty()) throw error.with_hint(std::move(hint));
    for (const DjangoModel& model : models_) {  // "User" for "auth.User"
        const std::string_view name = std::string_view(model.label).substr(model.app.size() + 1);
        if (!has_model && equals_ignore_case(name, label))
            throw error.with_hint(cat("did you mean ", quote(model.label), "?"));
    }
    std::vector<std::string> near = has_model ? labels() : names;
    for (const std::string& table : schema_->labels())
        near.push_back(table);
    throw error.with_hint(did_you_mean(label, near));
}

// An app's label means the app, even where a table has that name too: Django knows no tables.
bool DjangoModels::hides_app(const std::string& label, const Apps& apps) const {
    const auto is_of = [&](const DjangoModel& model) { return model.app == label; };
    return schema_->find_exact(label) && apps.contains(label) && std::any_of(models_.begin(), models_.end(), is_of);
}

DjangoLabels DjangoModels::translate(std::vector<std::string> labels, std::vector<std::string> exclude,
                                     const Apps& given) const {
    DjangoLabels out;
    out.apps = apps(given);
    if (!enabled_) {
        out.labels = std::move(labels);
        out.exclude = std::move(exclude);
        return out;
    }
    const auto add = [&](std::vector<std::string>& to, const std::string& label) {
        require(spell(label), out.apps);
        if (hides_app(label, out.apps)) {
            const auto& tables = out.apps.at(label);
            to.insert(to.end(), tables.begin(), tables.end());
        } else {
            to.push_back(spell(label));
        }
    };
    for (const std::string& label : labels) {
        if (is_unplaced(label) && !schema_->find_exact(label)) no_table(unplaced_.at(django_name(label)));
        const bool has_tables = out.apps.contains(label) || schema_->find(label);
        for (const auto& [key, model] : unplaced_) {
            if (app_of(model) != label) continue;
            if (!has_tables) no_table(model);
            if (!doubtful_tables().empty()) out.left_out.push_back(model);
        }
        add(out.labels, label);
    }
    for (const std::string& label : exclude) {
        const bool nothing_there = is_unplaced(label) && !schema_->find_exact(label);
        if (!nothing_there) add(out.exclude, label);
    }
    add_lists(out.exclude);
    return out;
}

void DjangoModels::add_lists(std::vector<std::string>& labels) const {
    const std::vector<std::string> named = labels;
    for (const std::string& label : named) {
        const auto table = schema_->find_exact(label);
        const DjangoModel* model = table ? of_table(*table) : find(label);
        if (model == nullptr) continue;
        for (const DjangoMembers& members : model->members)
            labels.push_back(schema_->tables[members.table].label());
    }
}

}  // namespace dbfixture
