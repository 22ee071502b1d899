// SPDX-License-Identifier: MIT
#include "model/schema.h"

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {
namespace {

// The first part of `rest`, up to a dot outside of quotes, which is taken away with it. Nothing if quotes are wrong.
std::optional<std::string> take_part(std::string_view& rest) {
    std::string part;
    if (!rest.starts_with('"')) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return part;
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            ++i;
            if (i == rest.size() || rest[i] == '.') {
                rest.remove_prefix(std::min(i + 1, rest.size()));
                return part;
            }
            if (rest[i] != '"') return std::nullopt;
        }
        part += rest[i];
    }
    return std::nullopt;
}

bool needs_quotes(std::string_view part) {
    return part.empty() || part.find_first_of(".\"") != std::string_view::npos;
}

struct Parts {
    std::string schema, name;
};
std::optional<Parts> parts_of(std::string_view label) {
    auto schema = take_part(label);
    auto name = schema && !label.empty() ? take_part(label) : std::nullopt;
    if (!name || !label.empty()) return std::nullopt;
    return Parts{std::move(*schema), std::move(*name)};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b, NameRule rule) noexcept {
    return rule == NameRule::kExact ? a == b : equals_ignore_case(a, b);
}

std::optional<std::size_t> Table::find_column(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == column) return i;
    }
    for (std::size_t i = 0; i < columns.size() && column_rule != NameRule::kExact; ++i) {
        if (same_name(columns[i].name, column, column_rule)) return i;
    }
    return std::nullopt;
}

bool Table::is_key_column(std::size_t column) const {
    return std::find(key.begin(), key.end(), column) != key.end();
}

bool Table::has_sequence() const {
    return std::any_of(columns.begin(), columns.end(), [](const Column& column) { return column.has_sequence; });
}

std::vector<std::string> Table::column_names() const {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const Column& column : columns)
        names.push_back(column.name);
    return names;
}

std::optional<std::size_t> Schema::find_exact(std::string_view schema, std::string_view name) const {
    const auto found =
        std::lower_bound(tables.begin(), tables.end(), std::pair(schema, name),
                         [](const Table& table, const std::pair<std::string_view, std::string_view>& wanted) {
                             return std::pair<std::string_view, std::string_view>(table.schema, table.name) < wanted;
                         });
    if (found == tables.end() || found->schema != schema || found->name != name) return std::nullopt;
    return static_cast<std::size_t>(found - tables.begin());
}

std::optional<std::size_t> Schema::find_exact(std::string_view label) const {
    if (const auto bare = find_exact("", label)) return bare;
    const bool has_schemas = !default_schema.empty() || (!tables.empty() && !tables.back().schema.empty());
    const auto parts = has_schemas ? parts_of(label) : std::nullopt;
    if (!parts) return std::nullopt;
    if (const auto found = find_exact(parts->schema, parts->name); found && !parts->schema.empty()) return found;
    if (default_schema.empty() || parts->schema != default_schema) return std::nullopt;
    return find_exact("", parts->name);
}

std::optional<std::size_t> Schema::find(std::string_view label) const {
    if (const auto exact = find_exact(label)) return exact;
    if (table_rule == NameRule::kExact) return std::nullopt;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (same_name(tables[i].label(), label, table_rule)) return i;
    }
    return std::nullopt;
}

std::vector<std::string> Schema::labels() const {
    std::vector<std::string> out;
    out.reserve(tables.size());
    for (const Table& table : tables)
        out.push_back(table.label());
    return out;
}

void settle_names(Schema& schema) {
    for (Table& table : schema.tables) {
        table.column_rule = schema.column_rule;
        table.full_label.clear();
        if (table.schema.empty()) continue;
        table.full_label = cat(table.schema, ".", table.name);
        const bool is_taken = std::any_of(schema.tables.begin(), schema.tables.end(), [&](const Table& other) {
            return other.schema.empty() && same_name(other.name, table.full_label, schema.table_rule);
        });
        if (is_taken || needs_quotes(table.schema) || needs_quotes(table.name))
            table.full_label = cat(enclose(table.schema, '"'), ".", enclose(table.name, '"'));
    }
}

TableFinder::TableFinder(const Schema& schema) : schema_(schema) {
    by_name_.reserve(schema.tables.size());
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        if (schema.tables[i].schema.empty()) by_name_.emplace(folded(schema.tables[i].name), i);
    }
}

std::string TableFinder::folded(std::string_view name) const {
    return schema_.table_rule == NameRule::kExact ? std::string(name) : to_lower(name);
}

std::optional<std::size_t> TableFinder::find(std::string_view name) const {
    const auto found = by_name_.find(folded(name));
    if (found == by_name_.end()) return std::nullopt;
    if (schema_.tables[found->second].name == name) return found->second;
    const auto exact = schema_.find_exact("", name);
    return exact ? exact : found->second;
}

}  // namespace dbfixture
