// SPDX-License-Identifier: MIT
// The natural keys of models.h.
#include <array>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "layout/django/models.h"

namespace dbfixture {
namespace {

struct ContribKey {
    std::string_view label;
    std::array<std::string_view, 2> fields;
};
constexpr std::array kContribKeys = {
    ContribKey{"auth.group", {"name", ""}},     ContribKey{"auth.permission", {"codename", "content_type"}},
    ContribKey{"auth.user", {"username", ""}},  ContribKey{"contenttypes.contenttype", {"app_label", "model"}},
    ContribKey{"redirects.redirect", {"", ""}},  // a unique constraint, and no natural_key()
    ContribKey{"sites.site", {"domain", ""}},
};

}  // namespace

void DjangoModels::find_natural_key(DjangoModel& model) {
    const Table& table = schema_->tables[model.table];
    const auto use = [&](std::string_view name) {
        const DjangoField* field = model.find_field(name);
        if (field != nullptr) model.natural_key.push_back(field->column);
        return field != nullptr;
    };
    if (const auto given = config_.natural_keys.find(django_name(model.label)); given != config_.natural_keys.end()) {
        model.natural_key_read_only = config_.read_only_keys.contains(given->first);
        for (const std::string& name : given->second) {
            if (use(name)) continue;
            throw Error(ErrorKind::kUsage, cat("in \"django\": the natural key of ", quote(model.label), " names ",
                                               quote(name), ", which is no field"))
                .at({.file = config_.file, .line = config_.line("natural_keys", given->first)});
        }
        return;
    }
    for (const ContribKey& contrib : kContribKeys) {
        if (contrib.label != django_name(model.label)) continue;
        bool complete = true;
        for (const std::string_view name : contrib.fields)
            complete &= name.empty() || use(name);
        if (complete) return;
        model.natural_key.clear();
    }
    if (table.unique_keys.size() != 1) return;
    const std::vector<std::size_t>& columns = table.unique_keys[0].columns;
    if (columns.size() == 1 && model.field_of_column(columns[0]).target) return;  // a OneToOneField names nothing
    model.natural_key = columns;
    model.natural_key_inferred = true;
}

// A child model (multi-table inheritance) has its parent's natural_key() unless it has its own.
void DjangoModels::inherit_natural_keys() {
    for (bool news = true; news;) {
        news = false;
        for (DjangoModel& model : models_) {
            const Table& table = schema_->tables[model.table];
            if (!model.natural_key.empty() || table.key.size() != 1) continue;
            if (config_.natural_keys.contains(django_name(model.label))) continue;
            const DjangoField& link = model.field_of_column(table.key[0]);
            if (!link.target || !link.name.ends_with("_ptr") || natural_length(link.target->table) == 0) continue;
            model.natural_key = {link.column};
            model.natural_key_read_only = of_table(link.target->table)->natural_key_read_only;
            news = true;
        }
    }
}

bool DjangoModels::writes_natural_key(std::size_t table) const {
    const DjangoModel* model = of_table(table);
    return model != nullptr && !model->natural_key_read_only && natural_length(table) > 0;
}

std::size_t DjangoModels::natural_length(std::size_t table, int depth) const {
    constexpr int kDeepest = 8;  // keys that refer to each other in a ring are cut here
    const DjangoModel* model = of_table(table);
    std::size_t length = 0;
    if (model == nullptr || depth > kDeepest) return 0;
    for (const std::size_t column : model->natural_key) {
        const auto& target = model->field_of_column(column).target;
        const std::size_t nested = target && target->table != table ? natural_length(target->table, depth + 1) : 0;
        length += nested == 0 ? 1 : nested;
    }
    return length;
}

}  // namespace dbfixture
