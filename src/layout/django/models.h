// SPDX-License-Identifier: MIT
// Which Django models a database holds, worked out without Python: from the schema, the rows of django_content_type and
// the config (DESIGN 9).
//
//  1. A content type (app, model) is the table that the config names, that Django's own contrib apps name, or
//     app_model. One without a table is stale, or a proxy, and is left out. A table named app_model that no content
//     type tells of (they were emptied, or made before it) is that model; its app is one that has content types,
//     migrations or config, else what stands before the first underscore.
//  2. A table of an id and two foreign keys, unique as a pair, that has no content type and whose name begins with the
//     name of the table that one of them refers to, is a many-to-many list of that table's model.
//  3. A foreign key's field is its column without "_id"; any other field is named like its column.
//  4. A model's natural key comes from the config, from contrib, is its only unique constraint, or its parent's.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "layout/django/config.h"
#include "layout/django/form.h"
#include "model/record.h"
#include "model/selection.h"

namespace dbfixture {

struct DjangoTarget {
    std::size_t table = 0;
    std::size_t column = 0;
};

struct DjangoField {
    std::string name;
    std::string column_name;
    std::size_t column = 0;
    DjangoForm form = DjangoForm::kAny;
    std::optional<DjangoTarget> target;  // of a foreign key
    FieldFacts facts{};
    bool is_key = false;             // part of the primary key
    int places = -1;                 // decimal_places of a kDecimal, where they are known
    const Column* server = nullptr;  // the column, where its type is a server's own (Column::strict)
};

// Whether its times are moments, which need no USE_TZ to be known.
inline bool keeps_moments(const DjangoField& field) {
    return field.server != nullptr && field.server->type == ColumnType::kTimestampZone;
}

// A many-to-many list.
struct DjangoMembers {
    std::string name;
    std::size_t table = 0;  // the join table
    std::size_t owner = 0;  // its columns
    std::size_t member = 0;
    DjangoTarget target;
    DjangoForm form = DjangoForm::kAny;  // of the column it refers to
    int places = -1;
    FieldFacts facts{};
    const Column* server = nullptr;  // as of a field
};

struct DjangoModel {
    std::string label;  // app.model
    std::string app;
    std::size_t table = 0;
    std::vector<DjangoField> fields;  // in table order, those of the key too; no generated columns
    std::vector<DjangoMembers> members;
    std::vector<std::size_t> natural_key;  // columns; empty: it has none
    bool natural_key_inferred = false;
    bool natural_key_read_only = false;  // Django reads it, and does not write it
    bool app_guessed = false;            // nothing but the table's name tells of its app
    bool without_type = false;           // no content type tells of it

    const DjangoField* find_field(std::string_view name) const;  // by name, else by column; nullptr if there is none
    const DjangoField& field_of_column(std::size_t column) const;
    const DjangoMembers* find_members(std::string_view name) const;
};

struct DjangoLabels {
    std::vector<std::string> labels, exclude;
    Apps apps;
    std::vector<std::string> left_out;  // models of the labels' apps whose table is not known, though it may be there
};

class DjangoModels {
  public:
    // Reads the content types: call inside a ReadView, or inside a load before its first row.
    DjangoModels(Connection& connection, DjangoConfig config);

    // The database says so by itself: dumps are in Django's layout.
    bool detected() const { return detected_; }
    // Records named app.model are in Django's layout.
    bool enabled() const { return enabled_; }

    const Schema& schema() const { return *schema_; }
    const DjangoConfig& config() const { return config_; }
    const std::vector<DjangoModel>& models() const { return models_; }
    // Adds the join tables of the many-to-many lists of those labels that are models.
    void add_lists(std::vector<std::string>& labels) const;

    // nullptr if the table is no model.
    const DjangoModel* of_table(std::size_t table) const;
    // Whether the table is the join table of a many-to-many list, and whose.
    const DjangoModel* owner_of(std::size_t join_table) const;
    // By "app.model": the app as declared, the model in any case.
    const DjangoModel* find(std::string_view label) const;
    std::vector<std::string> labels() const;

    // Whether (content types only) a label is known but its table is not: a proxy, a renamed table, or a stale row.
    bool is_unplaced(std::string_view label) const { return unplaced_.contains(django_name(label)); }
    const std::map<std::string, std::string>& unplaced() const { return unplaced_; }

    // Tables that are neither a model's nor a list's, and may be those of models without a known table.
    std::vector<std::size_t> unknown_tables() const;
    // These, and those that are models by nothing but their name.
    std::vector<std::size_t> doubtful_tables() const;
    // Whether a table has the columns of a many-to-many list, whoever owns it.
    bool may_be_list(std::size_t table) const;

    // `apps` with an entry for every app and, where it takes one, for every label; what the config lists stays.
    Apps apps(Apps apps) const;
    // Labels as people type them, as selection takes them: an app is the app even where a table has its name, and who
    // excludes a model excludes its many-to-many lists. Throws kNotFound for a model whose table is not known; to
    // exclude one is no error.
    DjangoLabels translate(std::vector<std::string> labels, std::vector<std::string> exclude, const Apps& apps) const;

    // How many values a natural key of this table's model has, with those of the models that it refers to. 0: none.
    std::size_t natural_length(std::size_t table) const { return natural_length(table, 0); }
    // Whether the model's natural key is one that Django writes.
    bool writes_natural_key(std::size_t table) const;

    // What the config says of models that this database does not have; for people who ask (-v 2).
    const std::vector<std::string>& notes() const { return notes_; }

  private:
    std::size_t natural_length(std::size_t table, int depth) const;
    void read_content_types(Connection& connection);
    void place(const std::string& app, const std::string& model);
    void guess_labels(Connection& connection);
    bool may_be_model(const Table& table) const;
    void follow_targets();
    const DjangoField* pointed_at(const DjangoField& field, int depth) const;
    bool is_absent(const std::string& label, std::string_view section, const std::string& name);
    void add(const std::string& app, const std::string& model, std::size_t table);
    void find_joins();
    void add_configured_joins();
    static bool is_join(const Table& table);
    std::string spell(const std::string& label) const;
    void require(const std::string& label, const Apps& apps) const;
    bool hides_app(const std::string& label, const Apps& apps) const;
    [[noreturn]] void no_table(const std::string& label) const;
    void add_join(std::size_t table, std::size_t owner_table, std::size_t owner_key, std::string name);
    void fill_fields(DjangoModel& model);
    void add_configured_keys(DjangoModel& model);
    void set_facts(DjangoField& field, const Table& table) const;
    void find_natural_key(DjangoModel& model);
    void inherit_natural_keys();
    void check_config();

    const Schema* schema_;
    DjangoConfig config_;
    bool detected_ = false;
    bool enabled_ = false;
    std::vector<DjangoModel> models_;
    std::vector<std::optional<std::size_t>> model_of_table_;
    std::vector<std::optional<std::size_t>> owner_of_table_;
    std::map<std::string, std::size_t> by_label_;
    std::map<std::string, std::string> unplaced_;  // django_name(label) -> label
    std::vector<std::string> notes_;
};

}  // namespace dbfixture
