// SPDX-License-Identifier: MIT
#include "layout/django/dump.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/cat.h"
#include "base/text.h"
#include "db/beside.h"
#include "layout/django/member_stream.h"
#include "layout/django/natural.h"
#include "layout/django/value.h"
#include "layout/table/dump.h"

namespace dbfixture {
namespace {

// Whether a field is written in a form of our own, which Django would not read, or would read as something else.
bool is_raw(const Value& written, bool is_xml) {
    const ValueKind kind = written.kind();
    if (kind == ValueKind::kEncodedText || kind == ValueKind::kBytes || kind == ValueKind::kJson) return true;
    if (!is_xml || !written.has_text()) return false;
    const std::string_view text = written.as_text();  // XML has no control characters
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
}

// A row of a join table that no owner took, kept until its owner's table is done.
struct LeftoverRow {
    Value id, owner, member;
};

class ModelPusher final : public RowSink {
  public:
    struct Names {
        const DjangoModels& models;
        const DjangoModel& model;
        NaturalKeyWriter* natural_keys;  // nullptr: foreign keys are written as they are
        bool natural_primary;
        DjangoWriteRules rules;
    };
    ModelPusher(const Names& names, const Table& table, const RowQuery& query, RecordWriter& writer)
        : names_(names), table_(table), writer_(writer), chosen_(!query.keys.empty()) {
        record_.model = names.model.label;
        record_.has_key = true;
        for (const std::size_t column : query.columns)
            add_field(names.model.field_of_column(column));
        for (const std::size_t column : table.key)
            key_.push_back(source_of(names.model.field_of_column(column)));
        key_values_.resize(key_.size());
        first_list_ = record_.fields.size();
    }

    void add_list(std::unique_ptr<MemberStream> stream) {
        record_.fields.push_back({stream->members().name, {}, 0, &stream->members().facts});
        lists_.push_back(std::move(stream));
    }
    void add_key_field() {
        key_field_ = true;
        const DjangoField& field = *key_[0].field;
        record_.fields.insert(record_.fields.begin(), Field{field.name, {}, 0, facts_of(field)});
    }

    void take(const Row& row) override;
    void finish() {
        for (std::size_t i = 0; i < lists_.size() && !chosen_; ++i)
            lists_[i]->finish([&](const Row& left) { keep_leftover(i, left); });
    }

    std::uint64_t rows() const { return rows_; }
    // "app.model.field" -> how many of its values are in a raw form.
    void add_raw_counts(std::map<std::string, std::uint64_t>& counts) const {
        for (const Source& source : key_) {
            if (source.raw > 0) counts[cat(names_.model.label, ".", source.field->name)] += source.raw;
        }
        for (const Source& source : sources_) {
            if (source.raw > 0) counts[cat(names_.model.label, ".", source.field->name)] += source.raw;
        }
    }
    void add_durations(std::vector<std::string>& fields) const {
        for (const Source& source : sources_) {
            if (source.integers > 0) fields.push_back(cat(names_.model.label, ".", source.field->name));
        }
    }
    const DjangoMembers& list(std::size_t index) const { return lists_[index]->members(); }
    const std::vector<std::vector<LeftoverRow>>& leftovers() const { return leftovers_; }

  private:
    struct Source {
        const DjangoField* field;
        DjangoWrite write;
        DjangoWriteRules rules;
        bool may_be_duration;
        std::uint64_t raw = 0;
        std::uint64_t integers = 0;  // of a field that may be a duration
    };

    static const FieldFacts* facts_of(const DjangoField& field) {
        return field.facts == FieldFacts() ? nullptr : &field.facts;
    }
    Source source_of(const DjangoField& field) const {
        return {&field, writer_of(field.form), rules_for(field, names_.rules), may_be_duration(field)};
    }
    bool may_be_duration(const DjangoField& field) const {
        return field.form == DjangoForm::kInteger && !field.target && !field.is_key &&
               !names_.models.config().names_all_durations && !field.column_name.ends_with("_id") &&
               may_hold_durations(table_.columns[field.column]);
    }
    void add_field(const DjangoField& field) {
        record_.fields.push_back({field.name, {}, 0, facts_of(field)});
        sources_.push_back(source_of(field));
    }
    void keep_leftover(std::size_t list, const Row& row) {
        leftovers_.resize(lists_.size());
        leftovers_[list].push_back(
            {kept(row.key[0], left_texts_), kept(row.values[0], left_texts_), kept(row.values[1], left_texts_)});
    }
    Value related(const Source& source, const Value& stored);
    void write_lists(const Value& owner);
    Value key_text(const Value& key);
    Value key_list();
    bool is_keyless(const Row& row) const;

    const Names names_;
    const Table& table_;
    RecordWriter& writer_;
    bool chosen_;
    bool key_field_ = false;
    Record record_;
    std::vector<Source> sources_, key_;
    std::vector<Value> key_values_;
    std::size_t first_list_ = 0;
    std::vector<std::unique_ptr<MemberStream>> lists_;
    std::vector<std::vector<LeftoverRow>> leftovers_;
    Arena left_texts_;
    std::vector<Value> members_;
    Arena arena_;
    std::uint64_t rows_ = 0;
};

Value ModelPusher::related(const Source& source, const Value& stored) {
    if (names_.natural_keys != nullptr && source.field->target && !stored.is_null() &&
        names_.natural_keys->has_key(source.field->target->table)) {
        if (const auto key = names_.natural_keys->of_row(*source.field->target, stored, arena_)) return *key;
    }
    return source.write(stored, source.rules, arena_);
}

// With --natural-primary a natural key that is complete stands for the primary key.
bool ModelPusher::is_keyless(const Row& row) const {
    if (!names_.natural_primary || names_.model.natural_key.empty() || names_.model.natural_key_read_only) return false;
    for (const std::size_t column : names_.model.natural_key) {
        if (key_field_ && table_.is_key_column(column)) continue;  // a child of a parent with a natural key
        if (table_.is_key_column(column)) return false;
        const auto source =
            std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.field->column == column; });
        if (source == sources_.end() || row.values[static_cast<std::size_t>(source - sources_.begin())].is_null())
            return false;
    }
    return true;
}

void ModelPusher::write_lists(const Value& owner) {
    for (std::size_t i = 0; i < lists_.size(); ++i) {
        MemberStream& list = *lists_[i];
        members_.clear();
        if (chosen_) {
            list.take_chosen(owner, members_);
        } else {
            list.collect(owner, members_, arena_, [&](const Row& left) { keep_leftover(i, left); });
        }
        auto* const items = arena_.make<Value>(members_.size());
        for (std::size_t m = 0; m < members_.size(); ++m) {
            const DjangoTarget& target = list.members().target;
            std::optional<Value> natural;
            if (names_.natural_keys != nullptr && names_.natural_keys->has_key(target.table))
                natural = names_.natural_keys->of_row(target, members_[m], arena_);
            items[m] = natural ? *natural : key_text(list.written(members_[m], arena_));
        }
        record_.fields[first_list_ + (key_field_ ? 1 : 0) + i].value = Value::list(items, members_.size());
    }
}

// In XML a key is an attribute, whose text Django reads by the field.
Value ModelPusher::key_text(const Value& key) {
    if (!names_.rules.json_text) return key;
    if (key.kind() == ValueKind::kBoolean) return Value::text(key.as_boolean() ? "True" : "False");
    if (key.kind() != ValueKind::kReal) return key;
    std::string text;
    append_real(text, key.as_real());
    return Value::text(arena_.copy(text));
}

// In XML Django writes a key of several columns as a JSON list of texts.
Value ModelPusher::key_list() {
    const Value list = Value::list(key_values_.data(), key_values_.size());
    if (!names_.rules.json_text) return list;
    std::string text = "[";
    for (const Value& part : key_values_) {
        if (part.kind() != ValueKind::kText && part.kind() != ValueKind::kInteger) return list;
        if (text.size() > 1) text += ", ";
        append_json_text(text,
                         part.kind() == ValueKind::kText ? part : Value::text(arena_.copy(cat(part.as_integer()))));
    }
    return Value::text(arena_.copy(text += ']'));
}

void ModelPusher::take(const Row& row) {
    ++rows_;
    arena_.clear();
    for (std::size_t i = 0; i < key_.size(); ++i) {
        key_values_[i] = key_text(key_[i].write(row.key[i], key_[i].rules, arena_));
        if (is_raw(key_values_[i], names_.rules.json_text)) ++key_[i].raw;
    }
    record_.key = key_.size() == 1 ? key_values_[0] : key_list();
    record_.has_row_number = row.row_number.has_value();
    if (row.row_number) record_.row_number = Value::integer(*row.row_number);
    record_.has_key = record_.has_row_number || !is_keyless(row);
    std::size_t at = 0;
    if (key_field_) record_.fields[at++].value = related(key_[0], row.key[0]);
    for (std::size_t i = 0; i < sources_.size(); ++i, ++at) {
        record_.fields[at].value = related(sources_[i], row.values[i]);
        if (is_raw(record_.fields[at].value, names_.rules.json_text)) ++sources_[i].raw;
        if (sources_[i].may_be_duration && !row.values[i].is_null()) ++sources_[i].integers;
    }
    if (!lists_.empty()) write_lists(row.key[0]);
    writer_.write(record_);
}

// A field is an attribute of a Python class, which neither ends with "_" nor contains "__" in Django.
bool may_be_field_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               (c & 0x80) != 0;
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), fits) && (name[0] < '0' || name[0] > '9') &&
           !name.ends_with('_') && name.find("__") == std::string_view::npos;
}

}  // namespace

struct DjangoDumper::Lookups {
    NaturalKeyWriter natural_keys;
    std::set<std::size_t> without_key;         // models dumped without primary keys
    std::map<std::string, std::uint64_t> raw;  // field -> values in a raw form
    std::vector<std::string> durations;        // fields that may be, and were written as integers
    std::set<std::size_t> dumped;              // models with rows
};

DjangoDumper::DjangoDumper(Connection& connection, const DjangoModels& models, const DumpOptions& options,
                           RecordWriter& writer)
    : connection_(connection), models_(models), options_(options), writer_(writer) {
    lookups_ = std::make_unique<Lookups>(Lookups{NaturalKeyWriter(connection, models, rules()), {}, {}, {}, {}});
}

DjangoWriteRules DjangoDumper::rules() const {
    DjangoWriteRules rules;
    rules.use_tz = models_.config().use_tz.value_or(true);
    rules.json_text = options_.format->text_only;
    rules.exact = options_.exact;
    return rules;
}

DjangoDumper::~DjangoDumper() = default;

bool DjangoDumper::takes(std::size_t table) const {
    if (models_.of_table(table) != nullptr) return connection_.schema().tables[table].key_kind == KeyKind::kDeclared;
    const DjangoModel* owner = models_.owner_of(table);
    return owner != nullptr &&
           std::find(options_.tables.begin(), options_.tables.end(), owner->table) != options_.tables.end();
}

std::uint64_t DjangoDumper::dump(const RowQuery& query) {
    const DjangoModel* model = models_.of_table(query.table);
    if (model == nullptr) return 0;
    const Table& table = connection_.schema().tables[query.table];
    NaturalKeyWriter* natural_keys = options_.natural_foreign ? &lookups_->natural_keys : nullptr;
    ModelPusher pusher({models_, *model, natural_keys, options_.natural_primary, rules()}, table, query, writer_);
    for (const DjangoMembers& members : model->members) {
        if (std::find(options_.exclude.begin(), options_.exclude.end(), members.table) != options_.exclude.end())
            continue;
        auto stream = std::make_unique<MemberStream>(connection_, members, rules());
        if (!query.keys.empty()) stream->choose(query.keys);
        pusher.add_list(std::move(stream));
    }
    const bool key_is_link = table.key.size() == 1 && model->field_of_column(table.key[0]).target.has_value();
    if (options_.natural_primary && key_is_link && models_.writes_natural_key(query.table)) pusher.add_key_field();
    if (options_.natural_primary && model->natural_key_inferred) lookups_->without_key.insert(query.table);
    if (model->members.empty() && natural_keys == nullptr) {
        connection_.read_rows(query, pusher);
    } else {
        read_rows_beside(connection_, query, pusher);
    }
    pusher.finish();
    pusher.add_raw_counts(lookups_->raw);
    pusher.add_durations(lookups_->durations);
    if (pusher.rows() > 0) lookups_->dumped.insert(query.table);
    for (std::size_t i = 0; i < pusher.leftovers().size(); ++i) {
        const DjangoMembers& members = pusher.list(i);
        RecordPusher rows(connection_.schema().tables[members.table], {members.owner, members.member}, writer_);
        for (const LeftoverRow& left : pusher.leftovers()[i]) {
            const std::vector<Value> key = {left.id}, values = {left.owner, left.member};
            rows.take({key, std::nullopt, values});
        }
        leftover_rows_ += rows.rows();
    }
    return pusher.rows();
}

void DjangoDumper::warn_of_unknown_tables(std::vector<std::string>& out) const {
    std::vector<std::string> models, of_models, of_lists;
    for (const auto& [name, label] : models_.unplaced())
        models.push_back(label);
    for (const std::size_t table : models_.unknown_tables()) {
        if (std::find(options_.tables.begin(), options_.tables.end(), table) == options_.tables.end()) continue;
        const bool is_list = models_.may_be_list(table);
        (is_list ? of_lists : of_models).push_back(connection_.schema().tables[table].label());
    }
    const auto warn = [&](const std::vector<std::string>& tables, std::string_view what, std::string_view name) {
        if (tables.empty()) return;
        out.push_back(cat("no ", what, " is known of ", quote_list(tables, 10),
                          ": Django does not read records that bear a table's name; write \"tables: {", name, ": ",
                          tables.front(), "}\" under \"django:\" in the config, or leave it out with --exclude"));
    };
    warn(of_models, "model", models.size() == 1 ? models.front() : "APP.MODEL");
    warn(of_lists, "many-to-many field", "APP.MODEL.FIELD");
}

void DjangoDumper::warn_of_odd_names(std::vector<std::string>& out) const {
    for (const std::size_t table : options_.tables) {
        const DjangoModel* const model = models_.of_table(table);
        if (model == nullptr) continue;
        for (const DjangoField& field : model->fields) {
            if (may_be_field_name(field.name)) continue;
            out.push_back(cat("column ", quote(field.column_name), " of ", model->label,
                              " has a name that no field of Django has; write \"columns: {", model->label,
                              ".FIELD: ", field.column_name, "}\" under \"django:\" in the config"));
        }
    }
}

// What is written by the best guess, and is not what Django reads if the guess is wrong.
void DjangoDumper::warn_of_guesses(std::vector<std::string>& out) const {
    std::vector<std::string> tables;
    std::string as;
    for (const std::size_t table : lookups_->dumped) {
        const DjangoModel& model = *models_.of_table(table);
        if (model.app_guessed) {
            if (tables.empty()) as = model.label;
            tables.push_back(connection_.schema().tables[table].label());
        }
        for (const DjangoField& field : model.fields) {
            const std::string name = cat(model.label, ".", field.name);
            const DjangoConfig& config = models_.config();
            const std::string key = cat(django_name(model.label), ".", field.name);
            if (!field.target || field.is_key || field.name != field.column_name || !may_be_field_name(field.name) ||
                config.columns.contains(key) || config.foreign_keys.contains(key)) {
                continue;
            }
            out.push_back(
                cat("column ", quote(field.column_name), " of ", model.label,
                    " is a foreign key without \"_id\", so Django may know it by another name; write \"columns: {",
                    model.label, ".FIELD: ", field.column_name, "}\" under \"django:\" in the config"));
        }
    }
    if (!tables.empty()) {
        out.push_back(
            cat("only their names tell that ", quote_list(tables, 10),
                tables.size() == 1 ? " is a table of Django's (as " : " are tables of Django's (the first as ", as,
                "); write \"tables: {APP.MODEL: ", tables.front(),
                "}\" under \"django:\" in the config, or leave it out with --exclude"));
    }
    if (!lookups_->durations.empty()) {
        std::string list;
        for (const std::string& field : lookups_->durations)
            append(list, cat(list.empty() ? "" : ", ", field));
        out.push_back(
            cat("big integers may be durations, which Django reads in another form; write those that are under "
                "\"django:\" in the config: \"durations: [",
                list, "]\", or \"durations: []\" if none is"));
    }
}

std::vector<std::string> DjangoDumper::warnings() const {
    std::vector<std::string> out;
    warn_of_unknown_tables(out);
    warn_of_odd_names(out);
    warn_of_guesses(out);
    for (const auto& [field, count] : lookups_->raw) {
        out.push_back(
            cat(plural(count, "value"), " of ", field,
                " written in a raw form, which Django does not read: its own form would change what is stored"));
    }
    if (leftover_rows_ > 0) {
        out.push_back(cat(plural(leftover_rows_, "row"),
                          " of many-to-many tables without an owner written by table, which Django does not read"));
    }
    std::set<std::size_t> inferred = lookups_->natural_keys.inferred();
    inferred.insert(lookups_->without_key.begin(), lookups_->without_key.end());
    for (const std::size_t table : inferred) {
        const DjangoModel& model = *models_.of_table(table);
        std::vector<std::string> fields;
        for (const std::size_t column : model.natural_key)
            fields.push_back(model.field_of_column(column).name);
        out.push_back(cat("the natural key of ", model.label, " is taken to be its unique constraint (",
                          quote_list(fields), "); if the model has no natural_key(), write \"natural_keys: {",
                          model.label, ": []}\" under \"django:\" in the config"));
    }
    return out;
}

}  // namespace dbfixture
