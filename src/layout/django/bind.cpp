// SPDX-License-Identifier: MIT
#include "layout/django/bind.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "fixture/json/text.h"
#include "layout/bind_value.h"
#include "layout/django/default.h"
#include "layout/django/links.h"
#include "model/copy_value.h"

namespace dbfixture {
namespace {

Error input_error(std::string message) {
    return {ErrorKind::kInput, std::move(message)};
}

// As Django would call it: what the schema does not show to be a foreign key still has its "_id".
std::string_view field_name(const DjangoField& field) {
    std::string_view name = field.name;
    if (name.size() > 3 && name.ends_with("_id") && !field.target) name.remove_suffix(3);
    return name;
}

}  // namespace

DjangoBinder::DjangoBinder(const DjangoModels& models, const BindOptions& options)
    : models_(models), options_(options), shapes_(models.schema().tables.size()) {
    std::timespec_get(&now_, TIME_UTC);
}

const DjangoModel* DjangoBinder::model_of(std::string_view label) {
    if (last_model_ != nullptr && label == last_label_) return last_model_;
    last_model_ = nullptr;
    if (!models_.enabled() || label.find('.') == std::string_view::npos || models_.schema().find_exact(label))
        return nullptr;
    last_label_ = label;
    return last_model_ = models_.find(label);
}

const Table* DjangoBinder::find(std::string_view label) {
    const DjangoModel* const model = model_of(label);
    return model == nullptr ? nullptr : &models_.schema().tables[model->table];
}

bool DjangoBinder::claims(std::string_view label) const {
    return models_.enabled() && label.find('.') != std::string_view::npos;
}

void DjangoBinder::note_bad(const Record& record) {
    RowBatch batch;
    const DjangoModel& model = *model_of(record.model);
    if (const auto key = key_of(model, record, batch)) options_.on_bad_record(model.table, {&*key, 1});
}

Error DjangoBinder::unknown(std::string_view label) const {
    std::string hint = models_.is_unplaced(label) ? "" : did_you_mean(label, models_.labels());
    std::string table(label);
    std::replace(table.begin(), table.end(), '.', '_');
    const auto found = models_.schema().find(table);
    if (found || hint.empty()) {
        hint = cat("write its table into the config: \"tables: {", django_name(label), ": ",
                   found ? models_.schema().tables[*found].label() : "TABLE", "}\" under \"django:\"");
    }
    return input_error(cat("the model ", quote(label), " has no table that is known")).with_hint(hint);
}

void DjangoBinder::unknown_field(const DjangoModel& model, const Field& field) {
    std::vector<std::string> names;
    for (const DjangoField& known : model.fields)
        names.push_back(known.name);
    for (const DjangoMembers& members : model.members)
        names.push_back(members.name);
    std::string hint = did_you_mean(field.name, names);
    if (hint.empty()) {
        const bool list = field.value.kind() == ValueKind::kList;
        const std::string name = cat(model.label, ".", field.name);
        hint = cat("if Django stores it under another name, write \"columns: {", name, ": COLUMN}\"",
                   list ? cat(", or for a many-to-many field \"tables: {", name, ": JOIN_TABLE}\",") : "",
                   " under \"django:\" in the config");
    }
    Error error = input_error(cat("field ", quote(field.name), " does not exist"));
    error.with_detail(cat(model.label, " has ", quote_list(names, 40), ".")).with_hint(std::move(hint));
    error.where.line = field.line;
    error.where.column = field.name;
    throw error;
}

DjangoBinder::Shape DjangoBinder::make_shape(const DjangoModel& model, const Record& record, bool with_key) {
    const Table& table = models_.schema().tables[model.table];
    Shape shape;
    shape.has_pk = with_key;
    std::vector<std::size_t> columns, of_field;
    bool key_in_fields = false;
    for (const Field& field : record.fields) {
        const DjangoField* known = model.find_field(field.name);
        key_in_fields |= known != nullptr && table.key.size() == 1 && known->column == table.key[0];
    }
    shape.with_key = with_key && !key_in_fields;  // the field wins, as in Django
    if (shape.with_key) columns.assign(table.key.begin(), table.key.end());
    for (const Field& field : record.fields) {
        shape.names.emplace_back(field.name);
        Slot& slot = shape.slots.emplace_back();
        of_field.push_back(0);
        if (const DjangoField* known = model.find_field(field.name)) {
            // Members of a composite key may stand in the fields too.
            if (shape.with_key && table.is_key_column(known->column)) continue;
            if (std::find(columns.begin(), columns.end(), known->column) != columns.end()) {
                Error error = input_error(cat("field ", quote(known->name), " is given twice"));
                error.where.line = field.line;
                throw error.with_hint("a foreign key has two names, with and without \"_id\"");
            }
            slot.kind = Slot::Kind::kColumn;
            slot.field = known;
            of_field.back() = known->column;
            columns.push_back(known->column);
        } else if (const DjangoMembers* members = model.find_members(field.name)) {
            const bool excluded = !options_.excluded.empty() && options_.excluded[members->table];
            slot.kind = excluded ? Slot::Kind::kIgnored : Slot::Kind::kMembers;
            slot.members = members;
        } else if (const auto column = table.find_column(field.name); column && table.columns[*column].generated) {
            continue;  // Django writes generated fields, and leaves them out when it reads
        } else if (is_inherited(model, field, slot)) {
            continue;
        } else if (options_.ignore_nonexistent) {
            ++shape.ignored;
        } else {
            unknown_field(model, field);
        }
    }
    shape.columns.assign(columns.begin(), columns.end());
    settle_key(model, shape);
    add_defaults(model, shape);
    std::sort(shape.columns.begin(), shape.columns.end());
    const auto at = [&](std::size_t column) {
        return static_cast<std::size_t>(std::lower_bound(shape.columns.begin(), shape.columns.end(), column) -
                                        shape.columns.begin());
    };
    for (std::size_t i = 0; i < of_field.size(); ++i)
        shape.slots[i].at = at(of_field[i]);
    for (Default& given : shape.defaults)
        given.at = at(given.at);
    if (shape.with_key || shape.finds_key) {
        for (const std::size_t column : table.key)
            shape.key_slots.push_back(at(column));
    }
    return shape;
}

// A record of a child model (its key is a link to its parent) may name fields of the parent. As Django does: lists are
// set, but plain fields count in the parent's own record only.
bool DjangoBinder::is_inherited(const DjangoModel& model, const Field& field, Slot& slot) {
    const DjangoModel* parent = &model;
    for (std::size_t depth = 0; depth < models_.models().size(); ++depth) {
        const Table& table = models_.schema().tables[parent->table];
        if (table.key.size() != 1) return false;
        const auto& link = parent->field_of_column(table.key[0]).target;
        parent = link ? models_.of_table(link->table) : nullptr;
        if (parent == nullptr) return false;
        if (const DjangoMembers* members = parent->find_members(field.name)) {
            const bool excluded = !options_.excluded.empty() && options_.excluded[members->table];
            slot.kind = excluded ? Slot::Kind::kIgnored : Slot::Kind::kMembers;
            slot.members = members;
            return true;
        }
        if (parent->find_field(field.name) != nullptr) {
            notes_.parent_fields.insert(cat("field ", quote(field.name), " in records of ", model.label,
                                            " is left alone: it belongs to the parent model ", parent->label,
                                            " and counts in that model's records only"));
            return true;
        }
    }
    return false;
}

std::vector<std::string> DjangoBinder::warnings() const {
    std::vector<std::string> out(notes_.parent_fields.begin(), notes_.parent_fields.end());
    if (notes_.naive_times > 0) {
        out.push_back(cat(plural(notes_.naive_times, "time"), " without a time zone stored as given",
                          models_.config().use_tz
                              ? ", as UTC"
                              : "; if the project has USE_TZ = False, write \"use_tz: false\" under "
                                "\"django:\" in the config"));
    }
    return out;
}

// Whether the row is addressed by its key, and where the key comes from.
void DjangoBinder::settle_key(const DjangoModel& model, Shape& shape) const {
    const Table& table = models_.schema().tables[model.table];
    const auto given = [&](std::size_t column) {
        return std::find(shape.columns.begin(), shape.columns.end(), column) != shape.columns.end();
    };
    if (table.key_kind != KeyKind::kDeclared) {
        shape.address = table.key_kind == KeyKind::kNone ? RowAddress::kBag : RowAddress::kNumbered;
        return;
    }
    if (std::all_of(table.key.begin(), table.key.end(), given)) return;
    const bool has_natural_key =
        !model.natural_key.empty() && std::all_of(model.natural_key.begin(), model.natural_key.end(), given);
    const bool has_members =
        std::any_of(shape.slots.begin(), shape.slots.end(), [](const Slot& slot) { return slot.members != nullptr; });
    const auto is_there = [&](std::size_t column) { return given(column) || has_default(model, column); };
    const bool has_key = !options_.comparing && std::all_of(table.key.begin(), table.key.end(), is_there);
    if (table.key.size() == 1 && (has_natural_key || (has_members && table.numbers_rows && !has_key))) {
        shape.finds_key = true;
        shape.columns.push_back(static_cast<std::uint16_t>(table.key[0]));
    } else if (has_key) {  // add_defaults() gives it
    } else if (table.numbers_rows || options_.comparing) {
        shape.address = RowAddress::kNumbered;
    } else {
        throw input_error(cat("a record of ", model.label, " needs a \"pk\""))
            .with_detail("The database does not number the rows of this table; Django makes such keys in Python.")
            .with_hint(cat("give the record a \"pk\", or write the default into the config: \"defaults: {", model.label,
                           ".", model.field_of_column(table.key[0]).name, ": uuid4}\" under \"django:\""));
    }
}

bool DjangoBinder::has_default(const DjangoModel& model, std::size_t column) const {
    return models_.config().defaults.contains(cat(django_name(model.label), ".", model.field_of_column(column).name));
}

bool DjangoBinder::add_default(const DjangoModel& model, const DjangoField& field, Shape& shape) {
    const auto given = models_.config().defaults.find(cat(django_name(model.label), ".", field.name));
    if (given == models_.config().defaults.end()) return false;
    Default out;
    out.at = field.column;
    if (asks_for_uuid(given->second, field.form)) {
        out.fresh = field.form;
    } else if (asks_for_now(given->second, field.form)) {
        const bool utc = models_.config().use_tz.value_or(true) || keeps_moments(field);
        out.value = Value::text(defaults_.copy(now_as(field.form, utc, now_)));
    } else {
        const Column& column = models_.schema().tables[model.table].columns[field.column];
        out.value = copy_value(read_django_value(config_value(given->second, defaults_), field.form, column,
                                                 read_rules(models_.config(), false, false), notes_, defaults_),
                               defaults_);
    }
    shape.defaults.push_back(out);
    return true;
}

void DjangoBinder::fill_defaults(const Shape& shape, Value* values, RowBatch& batch) {
    for (const Default& given : shape.defaults) {
        values[given.at] =
            given.fresh == DjangoForm::kAny ? given.value : Value::text(batch.arena.copy(new_uuid(given.fresh)));
    }
}

// Django fills what a record leaves out with the defaults of its models, which a database does not hold.
void DjangoBinder::add_defaults(const DjangoModel& model, Shape& shape) {
    if (options_.comparing) return;
    const Table& table = models_.schema().tables[model.table];
    for (const DjangoField& field : model.fields) {
        const Column& column = table.columns[field.column];
        const bool is_there =
            std::find(shape.columns.begin(), shape.columns.end(), field.column) != shape.columns.end();
        if (is_there && !(shape.finds_key && field.is_key)) continue;
        if (add_default(model, field, shape)) {
            if (!is_there) shape.columns.push_back(static_cast<std::uint16_t>(field.column));
        } else if (!field.is_key && !column.nullable && !column.default_text) {
            Error error = input_error(cat("the record leaves out field ", quote(field.name), ", which cannot be null"));
            error.where.column = field.name;
            throw error.with_detail("Django would take the default of its model, which the database does not hold.")
                .with_hint(cat("add the field, or write the default into the config: \"defaults: {", model.label, ".",
                               field.name, ": VALUE}\" under \"django:\""));
        }
    }
}

const DjangoBinder::Shape& DjangoBinder::shape_for(const DjangoModel& model, const Record& record, bool with_key) {
    ModelShapes& known = shapes_[model.table];
    const auto same = [&](const Shape& shape) {
        return shape.has_pk == with_key && shape.names.size() == record.fields.size() &&
               std::equal(shape.names.begin(), shape.names.end(), record.fields.begin(),
                          [](const std::string& name, const Field& field) { return name == field.name; });
    };
    if (known.last != nullptr && same(*known.last)) return *known.last;
    for (const Shape& shape : known.shapes) {
        if (same(shape)) return *(known.last = &shape);
    }
    known.shapes.push_back(make_shape(model, record, with_key));
    return *(known.last = &known.shapes.back());
}

// What the config could say of the field that would have let it take the value.
void DjangoBinder::add_hint(Error& error, const DjangoModel& model, const DjangoField& field,
                            const Value& value) const {
    if (field.form != DjangoForm::kInteger || !error.hint.empty() || !spells_duration(value)) return;
    constexpr int kDeepest = 16;
    const DjangoModel* of = &model;
    const DjangoField* end = &field;  // of the relations that lead from key to key
    for (int depth = 0; end->target && depth < kDeepest; ++depth) {
        const DjangoModel* const to = models_.of_table(end->target->table);
        if (to == nullptr) return;
        end = &to->field_of_column(end->target->column);
        of = to;
    }
    if (!equals_ignore_case(models_.schema().tables[of->table].columns[end->column].declared, "bigint")) return;
    error.hint = cat("if the field is a DurationField, write \"durations: [", of->label, ".", end->name,
                     "]\" under \"django:\" in the config");
}

Value DjangoBinder::read(const DjangoModel& model, const DjangoField& field, const Value& value, bool is_key,
                         RowBatch& batch) {
    try {
        return read_django_value(value, field.form, models_.schema().tables[model.table].columns[field.column],
                                 read_rules(models_.config(), is_xml_, is_key), notes_, batch.arena);
    } catch (Error& error) {
        add_hint(error, model, field, value);
        if (value.kind() == ValueKind::kList && error.hint.empty()) {  // a natural key
            error.hint = cat("if the field is a foreign key without a constraint, write \"foreign_keys: {", model.label,
                             ".", field_name(field), ": APP.MODEL}\" under \"django:\" in the config");
        }
        error.where.line = value.line();
        error.where.column = field.name;
        throw;
    }
}

void DjangoBinder::bind_key(const DjangoModel& model, const Record& record, const Shape& shape, Value* values,
                            RowBatch& batch) {
    if (!shape.with_key) return;
    const Table& table = models_.schema().tables[model.table];
    Value key = record.key;
    if (is_xml_ && table.key.size() > 1 && key.has_text()) key = parse_json_value(key.as_text(), batch.arena);
    const bool list = key.kind() == ValueKind::kList;
    const Value* parts = list ? key.items() : &key;
    const std::size_t count = list ? key.item_count() : 1;
    if (count != table.key.size() || (list && count == 1)) {
        throw input_error(table.key.size() == 1 ? cat("\"pk\" must be one value, not ", describe(record.key))
                                                : cat("\"pk\" must be a list of ", table.key.size(), " values, not ",
                                                      describe(record.key)));
    }
    for (std::size_t i = 0; i < count; ++i)
        values[shape.key_slots[i]] = read(model, model.field_of_column(table.key[i]), parts[i], true, batch);
}

std::optional<Value> DjangoBinder::key_of(const DjangoModel& model, const Record& record, RowBatch& batch) {
    const Table& table = models_.schema().tables[model.table];
    if (!record.has_key || record.key.is_null() || table.key.size() != 1) return std::nullopt;
    try {
        return copy_value(read(model, model.field_of_column(table.key[0]), record.key, true, batch), batch.arena);
    } catch (const Error&) {
        return std::nullopt;
    }
}

Value DjangoBinder::bind_members(const DjangoMembers& members, const Value& list, RowBatch& batch) {
    const Column& column = models_.schema().tables[members.table].columns[members.member];
    if (list.kind() != ValueKind::kList) throw input_error(cat("the value ", describe(list), " is not a list"));
    auto* const items = batch.arena.make<Value>(list.item_count());
    for (std::size_t i = 0; i < list.item_count(); ++i) {
        const Value& item = list.items()[i];
        if (item.kind() == ValueKind::kList) {
            items[i] = copy_value(item, batch.arena);
            continue;
        }
        if (item.is_null()) throw input_error("the list holds null");
        try {
            items[i] = copy_value(read_django_value(item, members.form, column,
                                                    read_rules(models_.config(), is_xml_, true), notes_, batch.arena),
                                  batch.arena);
        } catch (Error& error) {
            if (const DjangoModel* to = models_.of_table(members.target.table))
                add_hint(error, *to, to->field_of_column(members.target.column), item);
            throw;
        }
    }
    return Value::list(items, list.item_count());
}

void DjangoBinder::bind_field(const DjangoModel& model, const Field& field, const Slot& slot, Value* values,
                              RowBatch& batch) {
    if (slot.kind == Slot::Kind::kIgnored) return;
    const auto row = static_cast<std::uint32_t>(batch.rows.size());
    if (slot.kind == Slot::Kind::kMembers) {
        try {
            RowLink link{RowLink::Kind::kMembers, is_xml_, row, 0, &model, nullptr, slot.members, {}};
            link.value = bind_members(*slot.members, field.value, batch);
            links_of(batch).push_back(link);
        } catch (Error& error) {
            error.where.line = field.value.line() > 0 ? field.value.line() : field.line;
            error.where.column = field.name;
            throw;
        }
        return;
    }
    if (field.value.kind() == ValueKind::kList && slot.field->target) {
        RowLink link{RowLink::Kind::kReference, is_xml_, row, slot.at, &model, slot.field, nullptr, {}};
        link.value = copy_value(field.value, batch.arena);
        links_of(batch).push_back(link);
        return;
    }
    const bool is_key = models_.schema().tables[model.table].is_key_column(slot.field->column);
    try {
        values[slot.at] = read(model, *slot.field, field.value, is_key, batch);
    } catch (Error& error) {
        if (error.where.line == 0) error.where.line = field.line;
        throw;
    }
}

void DjangoBinder::bind(const Record& record, RowBatch& batch, BindCounts& counts) {
    const DjangoModel& model = *model_of(record.model);
    if (!options_.excluded.empty() && options_.excluded[model.table]) {
        ++counts.excluded;
        return;
    }
    is_xml_ = record.origin.file < options_.text_only.size() && options_.text_only[record.origin.file];
    const std::size_t links_before = links_of(batch).size();
    try {
        const bool with_key = record.has_key && !record.key.is_null() &&
                              !(record.key.kind() == ValueKind::kPlain && record.key.as_text().empty());
        const Shape& shape = shape_for(model, record, with_key);
        counts.ignored_fields += shape.ignored;
        const std::size_t count = shape.columns.size();
        auto* const values = batch.arena.make<Value>(count);
        fill_defaults(shape, values, batch);
        bind_key(model, record, shape, values, batch);
        if (shape.finds_key) {  // the default of the key is for a row that is not found
            const std::size_t slot = shape.key_slots[0];
            links_of(batch).push_back({RowLink::Kind::kOwnKey, is_xml_, static_cast<std::uint32_t>(batch.rows.size()),
                                       slot, &model, nullptr, nullptr, std::exchange(values[slot], Value::null())});
        }
        for (std::size_t i = 0; i < record.fields.size(); ++i)
            bind_field(model, record.fields[i], shape.slots[i], values, batch);
        for (std::size_t i = 0; i < count; ++i) {
            if (!values[i].has_text()) continue;
            batch.text_bytes += values[i].as_text().size();
            values[i].move_text(batch.arena.copy(values[i].as_text()));
        }
        BoundRow row;
        row.table = static_cast<std::uint32_t>(model.table);
        row.address = record.has_row_number ? RowAddress::kRowNumber : shape.address;
        if (record.has_row_number) row.row_number = bind_row_number(record.row_number);
        row.columns = shape.columns;
        row.values = {values, count};
        note_model(batch, model);
        row.origin = record.origin;
        batch.rows.push_back(row);
        ++counts.bound;
    } catch (...) {
        links_of(batch).resize(links_before);  // the rows before go on
        throw;
    }
}

}  // namespace dbfixture
