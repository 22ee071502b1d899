// SPDX-License-Identifier: MIT
#include "layout/django/suggest.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/value.h"

namespace dbfixture {
namespace {

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of(kNameCharacters) == std::string_view::npos &&
           (text[0] < '0' || text[0] > '9');
}

// Unquoted where YAML, inside a flow list too, takes it for that text.
std::string yaml(std::string_view text, bool quoted = false) {
    std::string plain(text);
    plain.erase(std::remove(plain.begin(), plain.end(), '.'), plain.end());
    if (!quoted && is_name(plain)) return std::string(text);
    std::string out;
    append_json_text(out, Value::text(text));
    return out;
}

// A value of the config as it was, in one line.
std::string flow(const ConfigNode& node) {
    std::string out;
    switch (node.kind) {
        case ConfigNode::Kind::kNull:
            return "null";
        case ConfigNode::Kind::kScalar:
            return node.quoted ? yaml(node.text, true) : node.text;
        case ConfigNode::Kind::kList:
            for (const ConfigNode& item : node.items)
                append(out, cat(out.empty() ? "" : ", ", flow(item)));
            return cat("[", out, "]");
        case ConfigNode::Kind::kMap:
            for (const ConfigEntry& entry : node.entries)
                append(out, cat(out.empty() ? "" : ", ", yaml(entry.key, true), ": ", flow(entry.value)));
            return cat("{", out, "}");
    }
    return out;
}

class Suggestion {
  public:
    explicit Suggestion(const DjangoModels& models) : models_(models), config_(models.config()) {}

    std::string text(std::string_view database);

  private:
    void section(std::string_view key, std::string_view what) { out_ += cat("\n  # ", what, "\n  ", key, ":\n"); }
    void line(std::string_view text) { out_ += cat("    ", text, "\n"); }
    void guess(std::string_view text) { out_ += cat("    # ", text, "\n"); }

    void use_tz();
    void tables();
    void columns();
    void durations();
    void decimals();
    void foreign_keys();
    void natural_keys();
    void permissions();
    void defaults();

    std::string table_for(std::string_view model) const;
    template <typename Take>
    void each_field(Take&& take) const;

    const DjangoModels& models_;
    const DjangoConfig& config_;
    std::string out_;
};

// take(model, field, column) of every field that the config says nothing of and that is no part of a key.
template <typename Take>
void Suggestion::each_field(Take&& take) const {
    for (const DjangoModel& model : models_.models()) {
        const Table& table = models_.schema().tables[model.table];
        for (const DjangoField& field : model.fields) {
            if (!table.is_key_column(field.column)) take(model, field, table.columns[field.column]);
        }
    }
}

void Suggestion::use_tz() {
    out_ += "  # USE_TZ of the project's settings. Unless it is False, times are stored in UTC and written with a Z.\n";
    if (config_.use_tz) {
        out_ += cat("  use_tz: ", *config_.use_tz ? "true" : "false", "\n");
    } else {
        out_ += "  # use_tz: false\n";
    }
    if (!config_.time_zone.empty()) {
        out_ += cat("  time_zone: ", yaml(config_.time_zone), "\n");
    } else if (std::ranges::any_of(models_.models(), [](const DjangoModel& model) {
                   return std::ranges::any_of(model.fields, keeps_moments);
               })) {
        out_ += "  # TIME_ZONE of the settings: of times in fixtures that say none.\n  # time_zone: ZONE\n";
    }
}

// The unknown table that is most likely a model's: the only one, or one that has the model's name in its own.
std::string Suggestion::table_for(std::string_view model) const {
    std::vector<std::string> tables, alike;
    const std::string name = to_lower(model.substr(model.find('.') + 1));
    for (const std::size_t table : models_.doubtful_tables()) {
        if (models_.may_be_list(table)) continue;
        tables.push_back(models_.schema().tables[table].label());
        if (to_lower(tables.back()).find(name) != std::string::npos) alike.push_back(tables.back());
    }
    if (alike.size() == 1) return yaml(alike[0]);
    return tables.size() == 1 ? yaml(tables[0]) : "TABLE";
}

void Suggestion::tables() {
    section("tables", "Meta.db_table, where it is not app_model; and the db_table of many-to-many fields.");
    for (const auto& [name, table] : config_.tables)
        line(cat(yaml(name), ": ", yaml(table)));
    std::vector<std::string> unknown;
    for (const std::size_t table : models_.doubtful_tables()) {
        const Table& facts = models_.schema().tables[table];
        if (!models_.may_be_list(table)) {
            unknown.push_back(facts.label());
            continue;
        }
        const auto owner = facts.foreign_keys[0].parent;
        const DjangoModel* model = owner ? models_.of_table(*owner) : nullptr;
        guess(cat(model != nullptr ? model->label : "APP.MODEL", ".FIELD: ", yaml(facts.label())));
    }
    if (!unknown.empty()) guess(cat("Tables of no known model: ", quote_list(unknown, 40)));
    for (const auto& [name, label] : models_.unplaced())
        guess(cat(label, ": ", table_for(label), "   # unless it is a proxy, or gone"));
}

void Suggestion::columns() {
    section("columns", "db_column, where it is not the field's name (of a foreign key: with _id).");
    for (const auto& [name, column] : config_.columns)
        line(cat(yaml(name), ": ", yaml(column)));
    each_field([&](const DjangoModel& model, const DjangoField& field, const Column& column) {
        if (field.name != column.name && !(field.target && cat(field.name, "_id") == column.name)) return;
        const bool is_own_name = is_name(column.name) && column.name.find("__") == std::string::npos &&
                                 !column.name.ends_with('_') && column.name == to_lower(column.name);
        if (is_own_name && !(field.target && field.name == column.name)) return;
        if (config_.columns.contains(cat(django_name(model.label), ".", field.name))) return;
        guess(cat(model.label, ".FIELD: ", yaml(column.name)));
    });
}

void Suggestion::durations() {
    section("durations", "DurationFields. The database shows them as big integers, which these are:");
    for (const std::string& name : config_.durations)
        line(cat("- ", yaml(name)));
    each_field([&](const DjangoModel& model, const DjangoField& field, const Column& column) {
        if (field.form == DjangoForm::kInteger && !field.target && may_hold_durations(column) &&
            !column.name.ends_with("_id"))
            guess(cat("- ", model.label, ".", field.name));
    });
}

void Suggestion::decimals() {
    section("decimals", "decimal_places of DecimalFields, for the zeros that Django writes.");
    for (const auto& [name, places] : config_.decimals)
        line(cat(yaml(name), ": ", places));
    each_field([&](const DjangoModel& model, const DjangoField& field, const Column&) {
        if (field.form == DjangoForm::kDecimal && field.places < 0 && !field.target && field.server == nullptr)
            guess(cat(model.label, ".", field.name, ": PLACES"));
    });
}

void Suggestion::permissions() {
    section("permissions", "Meta.permissions, which flush keeps as it does the default ones: app.model.codename");
    for (const std::string& name : config_.permissions)
        line(cat("- ", yaml(name)));
}

void Suggestion::foreign_keys() {
    section("foreign_keys", "Foreign keys without a constraint (db_constraint=False): app.model.field: app.model");
    for (const auto& [name, to] : config_.foreign_keys)
        line(cat(yaml(name), ": ", yaml(to)));
    each_field([&](const DjangoModel& model, const DjangoField& field, const Column& column) {
        const bool number = field.form == DjangoForm::kInteger || field.form == DjangoForm::kUuid;
        if (!number || field.target || column.name == "object_id" || !field.name.ends_with("_id")) return;
        guess(cat(model.label, ".", std::string_view(field.name).substr(0, field.name.size() - 3), ": APP.MODEL"));
    });
}

void Suggestion::natural_keys() {
    section("natural_keys", "natural_key() of models. Taken from the only unique constraint; [] if a model has none.");
    const auto list = [](const std::vector<std::string>& fields) {
        std::string out = "[";
        for (const std::string& field : fields)
            out += cat(out.size() > 1 ? ", " : "", yaml(field));
        return out + "]";
    };
    for (const auto& [name, fields] : config_.natural_keys)
        line(config_.read_only_keys.contains(name) ? cat(yaml(name), ": {read: ", list(fields), "}")
                                                   : cat(yaml(name), ": ", list(fields)));
    for (const DjangoModel& model : models_.models()) {
        if (!model.natural_key_inferred) continue;
        std::vector<std::string> fields;
        for (const std::size_t column : model.natural_key)
            fields.push_back(model.field_of_column(column).name);
        guess(cat(model.label, ": ", list(fields)));
    }
}

void Suggestion::defaults() {
    section("defaults",
            "Defaults of fields that records leave out, as in hand-written fixtures: app.model.field: value");
    for (const auto& [name, node] : config_.defaults)
        line(cat(yaml(name), ": ", flow(node)));
    const DjangoModel* user = models_.find("auth.user");
    if (user == nullptr) return;
    struct Default {
        std::string_view field, value;
    };
    for (const auto& [field, value] :
         {Default{"email", "\"\""}, Default{"first_name", "\"\""}, Default{"is_active", "true"},
          Default{"is_staff", "false"}, Default{"is_superuser", "false"}, Default{"last_name", "\"\""}}) {
        const std::string name = cat("auth.user.", field);
        if (user->find_field(field) != nullptr && !config_.defaults.contains(name)) guess(cat(name, ": ", value));
    }
}

std::string Suggestion::text(std::string_view database) {
    out_ =
        cat("# What ", quote(database),
            " does not say by itself. Lines behind a # are guesses: take it off where they are right.\n", "django:\n");
    use_tz();
    tables();
    columns();
    durations();
    decimals();
    foreign_keys();
    natural_keys();
    permissions();
    defaults();
    return std::move(out_);
}

}  // namespace

std::string suggest_django_config(const DjangoModels& models, std::string_view database) {
    if (!models.enabled()) {
        throw Error(ErrorKind::kUsage, "this is no Django database")
            .with_detail("It has neither django_content_type nor django_migrations.");
    }
    return Suggestion(models).text(database);
}

}  // namespace dbfixture
