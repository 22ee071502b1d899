// SPDX-License-Identifier: MIT
#include "layout/django/models.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct ContribTable {
    std::string_view label, table;
};
constexpr std::array kContribTables = {
    ContribTable{"admin.logentry", "django_admin_log"},
    ContribTable{"contenttypes.contenttype", "django_content_type"},
    ContribTable{"flatpages.flatpage", "django_flatpage"},
    ContribTable{"redirects.redirect", "django_redirect"},
    ContribTable{"sessions.session", "django_session"},
    ContribTable{"sites.site", "django_site"},
};

class TextRows final : public RowSink {
  public:
    void take(const Row& row) override {
        std::vector<std::string>& out = rows.emplace_back();
        for (const Value& value : row.values)
            out.emplace_back(value.kind() == ValueKind::kText ? value.as_text() : std::string_view());
    }
    std::vector<std::vector<std::string>> rows;
};

std::vector<std::vector<std::string>> read_texts(Connection& connection, std::string_view table,
                                                 std::initializer_list<std::string_view> columns) {
    const auto index = connection.schema().find(table);
    if (!index) return {};
    RowQuery query;
    query.table = *index;
    for (const std::string_view name : columns) {
        const auto column = connection.schema().tables[*index].find_column(name);
        if (!column) return {};
        query.columns.push_back(*column);
    }
    TextRows rows;
    connection.read_rows(query, rows);
    return std::move(rows.rows);
}

std::string model_name(std::string_view label) {
    return std::string(label.substr(label.find('.') + 1));
}

bool is_unique(const Table& table, const std::vector<std::size_t>& columns) {
    const auto same = [&](std::vector<std::size_t> other) {
        std::vector<std::size_t> wanted = columns;
        std::sort(wanted.begin(), wanted.end());
        std::sort(other.begin(), other.end());
        return wanted == other;
    };
    return same(table.key) || std::any_of(table.unique_keys.begin(), table.unique_keys.end(),
                                          [&](const UniqueKey& key) { return same(key.columns); });
}

}  // namespace

const DjangoField* DjangoModel::find_field(std::string_view name) const {
    for (const DjangoField& field : fields) {
        if (field.name == name) return &field;
    }
    // Django also takes a foreign key's column, "author_id".
    for (const DjangoField& field : fields) {
        if (field.column_name == name) return &field;
    }
    // A foreign key without a constraint: nothing but its name tells "author_id" from any other column.
    for (const DjangoField& field : fields) {
        if (field.column_name.size() == name.size() + 3 && field.column_name.starts_with(name) &&
            field.column_name.ends_with("_id") && field.name == field.column_name &&
            (field.form == DjangoForm::kInteger || field.form == DjangoForm::kUuid)) {
            return &field;
        }
    }
    return nullptr;
}

const DjangoField& DjangoModel::field_of_column(std::size_t column) const {
    return *std::find_if(fields.begin(), fields.end(), [&](const DjangoField& f) { return f.column == column; });
}

const DjangoMembers* DjangoModel::find_members(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.name == name; });
    return found == members.end() ? nullptr : &*found;
}

DjangoModels::DjangoModels(Connection& connection, DjangoConfig config)
    : schema_(&connection.schema()),
      config_(std::move(config)),
      model_of_table_(schema_->tables.size()),
      owner_of_table_(schema_->tables.size()) {
    const bool has_types = schema_->find("django_content_type").has_value();
    const bool has_migrations = schema_->find("django_migrations").has_value();
    detected_ = has_types && has_migrations;
    const bool has_configured = std::any_of(config_.tables.begin(), config_.tables.end(),
                                            [&](const auto& e) { return schema_->find(e.second); });
    enabled_ = has_types || has_migrations || has_configured;
    if (!enabled_) return;  // the config may be meant for another of its databases
    if (has_types) read_content_types(connection);
    for (const auto& [label, table] : config_.tables) {
        const std::size_t dot = label.find('.');
        if (std::count(label.begin(), label.end(), '.') == 1 && !by_label_.contains(label))
            place(label.substr(0, dot), label.substr(dot + 1));
    }
    guess_labels(connection);
    find_joins();
    add_configured_joins();
    for (DjangoModel& model : models_)
        fill_fields(model);
    follow_targets();
    for (DjangoModel& model : models_)
        find_natural_key(model);
    inherit_natural_keys();
    check_config();
}

void DjangoModels::read_content_types(Connection& connection) {
    for (const auto& row : read_texts(connection, "django_content_type", {"app_label", "model"})) {
        if (row[0].empty() || row[1].empty()) continue;
        place(row[0], row[1]);
    }
}

void DjangoModels::place(const std::string& app, const std::string& model) {
    const std::string label = cat(app, ".", model);
    const std::string key = django_name(label);
    if (by_label_.contains(key) || unplaced_.contains(key)) return;
    std::string table = cat(app, "_", model);
    for (const ContribTable& contrib : kContribTables) {
        if (contrib.label == key) table = contrib.table;
    }
    const auto configured = config_.tables.find(key);
    if (configured != config_.tables.end()) table = configured->second;
    const auto found = schema_->find(table);
    if (found && !model_of_table_[*found]) return add(app, model, *found);
    if (found && configured != config_.tables.end()) {  // a proxy: another name of the same model
        by_label_[key] = *model_of_table_[*found];
        return;
    }
    if (!found && configured != config_.tables.end()) {
        notes_.push_back(cat(config_.file, ":", config_.line("tables", key), ": this database has no table ",
                             quote(table), ", which \"tables\" names for ", label));
    }
    unplaced_[key] = label;
}

void DjangoModels::add(const std::string& app, const std::string& model, std::size_t table) {
    DjangoModel& out = models_.emplace_back();
    out.label = cat(app, ".", model);
    out.app = app;
    out.table = table;
    model_of_table_[table] = models_.size() - 1;
    by_label_[django_name(out.label)] = models_.size() - 1;
}

// Names as Django's own tables have them; a table of a full-text index, say, has no declared key.
bool DjangoModels::may_be_model(const Table& table) const {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return table.role == TableRole::kOrdinary && table.unreadable.empty() && table.key_kind == KeyKind::kDeclared &&
           !table.derived && std::all_of(table.label().begin(), table.label().end(), fits) && !is_join(table);
}

void DjangoModels::guess_labels(Connection& connection) {
    std::set<std::string> apps;
    for (const DjangoModel& model : models_)
        apps.insert(model.app);
    for (const auto& [key, label] : unplaced_)
        apps.insert(label.substr(0, label.find('.')));
    for (const auto& row : read_texts(connection, "django_migrations", {"app"}))
        apps.insert(row[0]);
    for (const auto& [label, table] : config_.tables)
        apps.insert(label.substr(0, label.find('.')));
    for (const ContribTable& contrib : kContribTables) {
        const std::string app(contrib.label.substr(0, contrib.label.find('.')));
        if (schema_->find(contrib.table) && !by_label_.contains(std::string(contrib.label)))
            place(app, model_name(contrib.label));
    }
    for (std::size_t i = 0; i < schema_->tables.size(); ++i) {
        const Table& table = schema_->tables[i];
        if (model_of_table_[i] || !may_be_model(table)) continue;
        std::string best;
        for (const std::string& app : apps) {
            if (app.size() > best.size() && table.label().starts_with(app + "_")) best = app;
        }
        const bool guessed = best.empty();
        const std::size_t underscore = table.label().find('_');
        if (guessed && underscore != std::string::npos) best = table.label().substr(0, underscore);
        if (best.empty() || best.size() + 1 >= table.label().size()) continue;
        const std::string model = to_lower(table.label().substr(best.size() + 1));
        if (by_label_.contains(django_name(cat(best, ".", model)))) continue;
        add(best, model, i);
        models_.back().app_guessed = guessed;
        models_.back().without_type = true;
    }
}

bool DjangoModels::is_join(const Table& table) {
    if (table.columns.size() != 3 || table.key.size() != 1 || table.foreign_keys.size() != 2) return false;
    std::vector<std::size_t> pair;
    for (const ForeignKey& key : table.foreign_keys) {
        if (key.columns.size() != 1 || !key.problem.empty() || key.columns[0] == table.key[0]) return false;
        pair.push_back(key.columns[0]);
    }
    return pair[0] != pair[1] && is_unique(table, pair);
}

void DjangoModels::find_joins() {
    for (std::size_t i = 0; i < schema_->tables.size(); ++i) {
        const Table& table = schema_->tables[i];
        if (model_of_table_[i] || !is_join(table)) continue;
        std::size_t owner = kNone, owner_key = kNone;
        for (std::size_t k = 0; k < table.foreign_keys.size(); ++k) {
            const ForeignKey& key = table.foreign_keys[k];
            const auto parent = key.parent;
            if (!parent || !model_of_table_[*parent]) continue;
            const std::string& name = schema_->tables[*parent].label();
            const std::string model = to_lower(model_name(models_[*model_of_table_[*parent]].label));
            const std::string column = to_lower(table.columns[key.columns[0]].name);
            const bool fits = column == cat(model, "_id") || column == cat("from_", model, "_id");
            if (!fits || !to_lower(table.label()).starts_with(to_lower(name) + "_")) continue;
            if (table.label().size() <= name.size() + 1) continue;
            if (owner == kNone || name.size() > schema_->tables[owner].label().size()) {
                owner = *parent;
                owner_key = k;
            }
        }
        if (owner != kNone)
            add_join(i, owner, owner_key, table.label().substr(schema_->tables[owner].label().size() + 1));
    }
}

void DjangoModels::add_join(std::size_t table, std::size_t owner_table, std::size_t owner_key, std::string name) {
    const Table& join = schema_->tables[table];
    if (join.foreign_keys[0].parent == join.foreign_keys[1].parent) {  // to itself: from_x_id, to_x_id
        const auto is_from = [&](std::size_t key) {
            return join.columns[join.foreign_keys[key].columns[0]].name.starts_with("from_");
        };
        owner_key = is_from(1) && !is_from(0)                                           ? 1
                    : is_from(0) && !is_from(1)                                         ? 0
                    : join.foreign_keys[0].columns[0] < join.foreign_keys[1].columns[0] ? 0
                                                                                        : 1;
    }
    const ForeignKey& owner = join.foreign_keys[owner_key];
    const ForeignKey& member = join.foreign_keys[1 - owner_key];
    const auto target = member.parent;
    const Table& owner_of = schema_->tables[owner_table];
    const bool by_key = owner_of.key.size() == 1 && owner_of.find_column(owner.parent_columns[0]) == owner_of.key[0];
    if (!target || !by_key) return;
    DjangoMembers out;
    out.name = std::move(name);
    out.table = table;
    out.owner = owner.columns[0];
    out.member = member.columns[0];
    out.target = {*target, schema_->tables[*target].find_column(member.parent_columns[0]).value_or(0)};
    const DjangoModel* target_model = of_table(*target);
    out.facts = {Relation::kToMany, target_model != nullptr ? target_model->label : schema_->tables[*target].label()};
    const std::size_t model = *model_of_table_[owner_table];
    models_[model].members.push_back(std::move(out));
    owner_of_table_[table] = model;
}

void DjangoModels::fill_fields(DjangoModel& model) {
    const Table& table = schema_->tables[model.table];
    std::map<std::string, std::string> field_of;  // column -> field, by the config
    for (const auto& [name, column] : config_.columns) {
        if (!name.starts_with(django_name(model.label) + ".")) continue;
        const auto found = table.find_column(column);
        if (!found) {
            throw Error(ErrorKind::kUsage, cat("in \"django\": table ", quote(table.label()), " of ",
                                               quote(model.label), " has no column ", quote(column)))
                .with_hint(did_you_mean(column, table.column_names()))
                .at({.file = config_.file, .line = config_.line("columns", name)});
        }
        field_of[table.columns[*found].name] = name.substr(name.rfind('.') + 1);
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (column.generated) continue;
        DjangoField field;
        field.column = i;
        field.name = field.column_name = column.name;
        field.form = django_form(column);
        if (column.strict) field.server = &column;
        field.is_key = table.is_key_column(i);
        const auto key = std::find_if(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& k) {
            return k.columns.size() == 1 && k.columns[0] == i && k.problem.empty();
        });
        if (key != table.foreign_keys.end()) {
            if (field.name.size() > 3 && field.name.ends_with("_id")) field.name.resize(field.name.size() - 3);
            const auto parent = key->parent;
            const auto to = parent ? schema_->tables[*parent].find_column(key->parent_columns[0]) : std::nullopt;
            if (to) field.target = DjangoTarget{*parent, *to};
        }
        if (const auto given = field_of.find(column.name); given != field_of.end()) field.name = given->second;
        const std::string name = cat(django_name(model.label), ".", field.name);
        if (config_.durations.contains(name)) field.form = DjangoForm::kDuration;
        if (const auto places = config_.decimals.find(name); places != config_.decimals.end())
            field.places = places->second;
        set_facts(field, table);
        model.fields.push_back(std::move(field));
    }
    add_configured_keys(model);
}

void DjangoModels::set_facts(DjangoField& field, const Table& table) const {
    if (field.target) {
        const DjangoModel* to = of_table(field.target->table);
        field.facts = {is_unique(table, {field.column}) ? Relation::kOneToOne : Relation::kToOne,
                       to != nullptr ? to->label : schema_->tables[field.target->table].label()};
    } else {
        field.facts.type = django_class(field.form, table.columns[field.column]);
    }
}

// A relation holds what the field that it refers to holds, and through keys that are relations themselves.
const DjangoField* DjangoModels::pointed_at(const DjangoField& field, int depth) const {
    constexpr int kDeepest = 16;
    if (!field.target || depth > kDeepest) return &field;
    const DjangoModel* to = of_table(field.target->table);
    if (to == nullptr) return &field;
    const auto end = std::find_if(to->fields.begin(), to->fields.end(),
                                  [&](const DjangoField& f) { return f.column == field.target->column; });
    return end == to->fields.end() ? &field : pointed_at(*end, depth + 1);
}

void DjangoModels::follow_targets() {
    const auto follow = [&](auto& field) {
        DjangoField relation;
        relation.target = field.target;
        const DjangoField* const end = pointed_at(relation, 0);
        if (end == &relation) return;
        field.form = end->form;
        field.places = end->places;
    };
    for (DjangoModel& model : models_) {
        for (DjangoField& field : model.fields) {
            if (field.target) follow(field);
        }
        for (DjangoMembers& members : model.members) {
            const Column& member = schema_->tables[members.table].columns[members.member];
            members.form = django_form(member);
            if (member.strict) members.server = &member;
            follow(members);
        }
    }
}

const DjangoModel* DjangoModels::of_table(std::size_t table) const {
    return model_of_table_[table] ? &models_[*model_of_table_[table]] : nullptr;
}

const DjangoModel* DjangoModels::owner_of(std::size_t join_table) const {
    return owner_of_table_[join_table] ? &models_[*owner_of_table_[join_table]] : nullptr;
}

const DjangoModel* DjangoModels::find(std::string_view label) const {
    const std::string name = django_name(label);
    const auto found = by_label_.find(name);
    if (found != by_label_.end()) return &models_[found->second];
    // Where an app ends in a table's name is a guess without a content type: a.b_c and a_b.c are both a_b_c.
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return nullptr;
    const auto table = schema_->find(cat(name.substr(0, dot), "_", name.substr(dot + 1)));
    if (!table || !model_of_table_[*table]) return nullptr;
    const DjangoModel& model = models_[*model_of_table_[*table]];
    return model.without_type ? &model : nullptr;
}

std::vector<std::string> DjangoModels::labels() const {
    std::vector<std::string> out;
    for (const DjangoModel& model : models_)
        out.push_back(model.label);
    return out;
}

}  // namespace dbfixture
