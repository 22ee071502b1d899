// SPDX-License-Identifier: MIT
#include "ops/diff/expectation.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/text.h"
#include "fixture/dollar_forms.h"

namespace dbfixture {
namespace {

// Below a list or a map it would be taken for what the document says.
const Value* find_placeholder_inside(const Value& value) {
    if (value.kind() != ValueKind::kList && value.kind() != ValueKind::kMap) return nullptr;
    for (std::size_t i = 0; i < value.item_count(); ++i) {
        const Value& item = value.items()[i];
        const bool is_key = value.kind() == ValueKind::kMap && i % 2 == 0;
        if (is_key && (item.as_text() == "$any" || item.as_text() == "$match")) return &item;
        if (const Value* const found = find_placeholder_inside(item)) return found;
    }
    return nullptr;
}

template <typename Ask>
bool takes_list(const Ask& ask) {
    try {
        ask();
        return true;
    } catch (const Error&) {
        return false;
    }
}

std::string pattern_of(const Value& placeholder) {
    const Value* items = placeholder.items();
    return items[0].as_text() == "$any" ? std::string() : std::string(items[1].as_text());
}

}  // namespace

ExpectationBinder::ExpectationBinder(const Schema& schema, const Layout& layout, BindOptions options)
    : schema_(schema), files_(options.files), binder_(schema, layout, std::move(options)) {}

void ExpectationBinder::refuse(const Record& record, std::uint32_t line, std::string_view column, Error error) const {
    if (line > 0) error.where.line = line;
    error.where.column = column;
    add_place(error, record, nullptr, files_);
    throw error;
}

// What a field of this name is for the layout: asked by binding a record that has nothing else.
std::uint16_t ExpectationBinder::column_of(const Record& record, const Field& field) {
    const std::pair<std::string, std::string> name(record.model, field.name);
    if (const auto known = columns_.find(name); known != columns_.end()) return known->second;
    const auto ask = [&](Value value) {
        Record asked;
        asked.model = record.model;
        asked.origin = record.origin;
        asked.fields.push_back({field.name, value.set_line(field.line), field.line});
        probe_.clear();
        binder_.bind(asked, probe_);
    };
    try {
        ask(Value::null());
    } catch (const Error&) {
        if (takes_list([&] { ask(Value::list(nullptr, 0)); })) refuse_list(record, field);
        throw;
    }
    if (probe_.rows.empty()) return columns_[name] = UINT16_MAX;  // excluded
    const BoundRow& row = probe_.rows.front();
    const Table& table = schema_.tables[row.table];
    for (const std::uint16_t column : row.columns) {
        if (row.columns.size() == 1 || !table.is_key_column(column)) return columns_[name] = column;
    }
    refuse_list(record, field);
}

void ExpectationBinder::refuse_list(const Record& record, const Field& field) const {
    refuse(record, field.line, field.name,
           Error(ErrorKind::kInput, "a placeholder cannot stand for a list of other records")
               .with_hint("leave the field out: then nothing is said of it"));
}

void ExpectationBinder::set_apart_key(const Record& record, std::vector<Placeholder>& found) {
    const Value* const inside = find_placeholder_inside(record.key);
    if (inside == nullptr) return;
    if (!is_placeholder(record.key)) {
        refuse(record, inside->line(), "pk", Error(ErrorKind::kInput, "a placeholder stands for all of a key"));
    }
    rest_.has_key = false;
    rest_.key = Value::null();
    Placeholder& key = found.emplace_back();
    key.is_key = true;
    key.pattern = pattern_of(record.key);
}

void ExpectationBinder::bind(const Record& record, RowBatch& batch) {
    const bool plain = std::none_of(record.fields.begin(), record.fields.end(),
                                    [](const Field& field) { return find_placeholder_inside(field.value) != nullptr; });
    if (plain && find_placeholder_inside(record.key) == nullptr) return binder_.bind(record, batch);
    rest_ = record;
    rest_.fields.clear();
    std::vector<Placeholder> found;
    set_apart_key(record, found);
    for (const Field& field : record.fields) {
        const Value* const inside = find_placeholder_inside(field.value);
        if (inside == nullptr) {
            rest_.fields.push_back(field);
            continue;
        }
        if (!is_placeholder(field.value)) {
            refuse(record, inside->line(), field.name,
                   Error(ErrorKind::kInput, "a placeholder stands for a whole value, not for a part of a document"));
        }
        found.push_back({column_of(record, field), pattern_of(field.value), false});
        try {
            if (!found.back().pattern.empty()) patterns_.require(found.back().pattern);
        } catch (Error& error) {
            refuse(record, field.value.line(), field.name, error);
        }
    }
    const std::size_t before = batch.rows.size();
    binder_.bind(rest_, batch);
    if (batch.rows.size() == before) return;  // excluded
    const BoundRow& row = batch.rows.back();
    const Table& table = schema_.tables[row.table];
    for (Placeholder& placeholder : found) {
        if (!placeholder.is_key) continue;
        if (!placeholder.pattern.empty() && table.key.size() != 1) {
            refuse(record, record.key.line(), "pk",
                   Error(ErrorKind::kInput, "\"$match\" stands for a key of one column only"));
        }
        if (table.key.size() == 1) placeholder.column = static_cast<std::uint16_t>(table.key[0]);
    }
    const std::lock_guard lock(mutex_);
    has_placeholders_ = true;
    placeholders_[number_of(record.origin)] = std::move(found);
}

std::vector<Placeholder> ExpectationBinder::take(const Origin& origin) {
    if (!has_placeholders_) return {};
    const std::lock_guard lock(mutex_);
    const auto found = placeholders_.find(number_of(origin));
    if (found == placeholders_.end()) return {};
    std::vector<Placeholder> out = std::move(found->second);
    placeholders_.erase(found);
    return out;
}

}  // namespace dbfixture
