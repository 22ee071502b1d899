// SPDX-License-Identifier: MIT
#include "layout/django/resolve.h"

#include <algorithm>
#include <new>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/copy_value.h"
#include "model/packed.h"

namespace dbfixture {
namespace {

void append_identity(std::string& out, const Value& value) {
    const bool boolean = value.kind() == ValueKind::kBoolean;
    pack(out, boolean ? ValueKind::kInteger : value.kind());
    if (value.has_text()) {
        pack(out, value.as_text().size());
        out.append(value.as_text());
    } else if (!value.is_null()) {
        pack(out, value.as_unsigned());  // the bits of whichever number it is
    }
}

}  // namespace

std::string identity_of(std::size_t table, std::span<const Value> values) {
    std::string out;
    pack(out, table);
    for (const Value& value : values)
        append_identity(out, value);
    return out;
}

bool NaturalKeyResolver::is_nested(const DjangoField& field, std::size_t table) const {
    return field.target && field.target->table != table && models_.natural_length(field.target->table) > 0;
}

// Whether the answer cannot change before its link's turn comes.
bool NaturalKeyResolver::is_ready(const RowLink& link, const std::set<std::size_t>& written) const {
    if (link.kind != RowLink::Kind::kReference || link.value.kind() != ValueKind::kList) return false;
    const std::size_t table = link.field->target->table;
    const DjangoModel* const model = models_.of_table(table);
    if (model == nullptr || written.contains(table) || (hooks_.may_search && !hooks_.may_search(table))) return false;
    const auto& key = model->natural_key;
    return !key.empty() && link.value.item_count() == key.size() &&
           std::none_of(key.begin(), key.end(),
                        [&](std::size_t column) { return is_nested(model->field_of_column(column), table); });
}

std::vector<const Value*> NaturalKeyResolver::expect(const RowBatch& batch, std::span<const RowLink> links) {
    std::vector<const Value*> out(links.size());
    std::set<std::size_t> written;
    const BoundRow* last = nullptr;
    for (const BoundRow& row : batch.rows) {
        if (last == nullptr || last->table != row.table) written.insert(row.table);
        last = &row;
    }
    struct Search {
        std::vector<Value> wanted;
        std::unordered_map<std::string, std::size_t> numbers;    // identity -> which of them
        std::vector<std::pair<std::size_t, std::size_t>> links;  // link, which of them
    };
    std::map<Place, Search> searches;
    std::vector<Value> key;
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (!is_ready(links[i], written)) continue;
        const DjangoTarget& target = *links[i].field->target;
        key.clear();
        try {
            append_wanted(target, links[i], links[i].value.items(), key);
        } catch (const Error&) {
            continue;  // it is said when the row's turn comes
        }
        Search& search = searches[{target.table, target.column}];
        const auto [at, is_new] = search.numbers.emplace(identity_of(target.table, key), search.numbers.size());
        if (is_new) search.wanted.insert(search.wanted.end(), key.begin(), key.end());
        search.links.emplace_back(i, at->second);
    }
    for (const auto& [place, search] : searches) {
        const std::span<const LookupAnswer> answers = lookup(place.first, place.second).find(search.wanted);
        auto* const values = scratch_.make<Value>(answers.size());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i].rows == 1) values[i] = copy_value(answers[i].values[0], scratch_);
        }
        for (const auto& [link, number] : search.links) {
            if (answers[number].rows == 1) out[link] = &values[number];
        }
    }
    return out;
}

RowLookup& NaturalKeyResolver::lookup(std::size_t table, std::size_t column) {
    auto& found = lookups_[{table, column}];
    hooks_.before_search(table);
    if (!found) {
        session_.expect_lookups(table);
        const std::vector<std::size_t> columns = {column};
        found = connection_.open_lookup(table, models_.of_table(table)->natural_key, columns);
    }
    return *found;
}

LookupAnswer NaturalKeyResolver::find_rows(std::size_t table, std::size_t column, std::span<const Value> wanted) {
    return lookup(table, column).find_one(wanted);
}

const DjangoModel& NaturalKeyResolver::model_of(const DjangoTarget& target, const Value& key) const {
    const std::size_t length = models_.natural_length(target.table);
    const DjangoModel* model = models_.of_table(target.table);
    const std::string name = model != nullptr ? model->label : models_.schema().tables[target.table].label();
    if (length == 0 || model == nullptr) {
        throw Error(ErrorKind::kInput, cat(name, " has no natural key that is known"))
            .with_hint(cat("write it into the config: \"natural_keys: {", name, ": [FIELD]}\" under \"django:\""));
    }
    if (key.item_count() != length) {
        throw Error(ErrorKind::kInput,
                    cat("the natural key of ", name, " has ", plural(length, "value"), ", not ", key.item_count()))
            .with_hint(hint_for(*model));
    }
    return *model;
}

// What to do if the key that was inferred from the schema is not the model's own.
std::string NaturalKeyResolver::hint_for(const DjangoModel& model) const {
    if (models_.config().natural_keys.contains(django_name(model.label))) return {};
    std::vector<std::string> fields;
    for (const std::size_t column : model.natural_key)
        fields.push_back(model.field_of_column(column).name);
    return cat("the natural key is taken to be ", quote_list(fields), "; if it is another, write \"natural_keys: {",
               model.label, ": [FIELD]}\" under \"django:\" in the config");
}

void NaturalKeyResolver::note_missing(const DjangoModel& model, const Value& key) {
    missing_hint_ = hint_for(model);
    missing_.clear();
    append_json_text(missing_, key);
    missing_ = cat("no record of ", model.label, " has the natural key ", missing_);
}

bool NaturalKeyResolver::append_wanted(const DjangoTarget& target, const RowLink& link, const Value* parts,
                                       std::vector<Value>& wanted) {
    const DjangoModel& model = *models_.of_table(target.table);
    const Table& table = models_.schema().tables[target.table];
    for (const std::size_t column : model.natural_key) {
        const DjangoField& field = model.field_of_column(column);
        if (is_nested(field, target.table)) {
            const auto value = find(*field.target, link, parts);
            if (!value) return false;
            wanted.push_back(*value);
            parts += models_.natural_length(field.target->table);
        } else {
            wanted.push_back(read_django_value(*parts++, field.form, table.columns[column],
                                               read_rules(models_.config(), link.is_xml, false), notes_, scratch_));
        }
    }
    return true;
}

// `found`: of the first of `rows`.
std::optional<Value> NaturalKeyResolver::settle(const DjangoTarget& target, std::span<const Value> wanted, int rows,
                                                const Value* found) {
    if (rows > 1) {
        throw Error(ErrorKind::kInput,
                    cat("several rows of ", models_.of_table(target.table)->label, " have the natural key"));
    }
    if (rows == 1) return copy_value(*found, scratch_);
    lacking_ = identity_of(target.table, wanted);
    return hooks_.find_waiting(target, wanted);
}

std::optional<Value> NaturalKeyResolver::find(const DjangoTarget& target, const RowLink& link, const Value* parts) {
    std::vector<Value> wanted;
    if (!append_wanted(target, link, parts, wanted)) return std::nullopt;
    if (hooks_.may_search && !hooks_.may_search(target.table)) {
        lacking_ = identity_of(target.table, wanted);
        return std::nullopt;
    }
    const LookupAnswer answer = find_rows(target.table, target.column, wanted);
    return settle(target, wanted, answer.rows, answer.values.data());
}

bool NaturalKeyResolver::resolve(const DjangoTarget& target, const RowLink& link, std::span<const Value> keys,
                                 std::vector<Value>& out) {
    if (keys.size() == 1) {
        const DjangoModel& model = model_of(target, keys[0]);
        const auto found = find(target, link, keys[0].items());
        if (!found) note_missing(model, keys[0]);
        if (found) out.push_back(*found);
        return found.has_value();
    }
    std::vector<Value> wanted;
    for (const Value& key : keys) {
        const DjangoModel& model = model_of(target, key);
        if (append_wanted(target, link, key.items(), wanted)) continue;
        note_missing(model, key);
        return false;
    }
    const std::size_t width = keys.empty() ? 0 : wanted.size() / keys.size();
    const bool searches = !keys.empty() && (!hooks_.may_search || hooks_.may_search(target.table));
    struct Found {
        int rows = 0;
        Value value;
    };
    std::vector<Found> found(keys.size());
    if (searches) {
        const std::span<const LookupAnswer> answers = lookup(target.table, target.column).find(wanted);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            found[i].rows = answers[i].rows;
            if (answers[i].rows > 0) found[i].value = copy_value(answers[i].values[0], scratch_);
        }
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::span<const Value> one = std::span(wanted).subspan(i * width, width);
        std::optional<Value> value;
        if (searches) {
            value = settle(target, one, found[i].rows, &found[i].value);
        } else {
            lacking_ = identity_of(target.table, one);
        }
        if (!value) {
            note_missing(model_of(target, keys[i]), keys[i]);
            return false;
        }
        out.push_back(*value);
    }
    return true;
}

}  // namespace dbfixture
