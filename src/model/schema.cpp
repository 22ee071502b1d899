// SPDX-License-Identifier: MIT
#include "model/schema.h"

#include <algorithm>

#include "base/text.h"

namespace dbfixture {
namespace {

template <typename Item>
std::optional<std::size_t> find_by_name(const std::vector<Item>& items, std::string_view name) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].name == name) return i;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (equals_ignore_case(items[i].name, name)) return i;
    }
    return std::nullopt;
}

template <typename Item>
std::vector<std::string> names_of(const std::vector<Item>& items) {
    std::vector<std::string> names;
    names.reserve(items.size());
    for (const Item& item : items)
        names.push_back(item.name);
    return names;
}

}  // namespace

std::optional<std::size_t> Table::find_column(std::string_view column) const {
    return find_by_name(columns, column);
}

bool Table::is_key_column(std::size_t column) const {
    return std::find(key.begin(), key.end(), column) != key.end();
}

std::vector<std::string> Table::column_names() const {
    return names_of(columns);
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
    if (const auto exact = find_exact(name)) return exact;
    return find_by_name(tables, name);
}

std::optional<std::size_t> Schema::find_exact(std::string_view name) const {
    const auto found =
        std::lower_bound(tables.begin(), tables.end(), name,
                         [](const Table& table, std::string_view wanted) { return table.name < wanted; });
    if (found == tables.end() || found->name != name) return std::nullopt;
    return static_cast<std::size_t>(found - tables.begin());
}

std::vector<std::string> Schema::table_names() const {
    return names_of(tables);
}

TableFinder::TableFinder(const Schema& schema) : schema_(schema) {
    by_name_.reserve(schema.tables.size());
    for (std::size_t i = 0; i < schema.tables.size(); ++i)
        by_name_.emplace(to_lower(schema.tables[i].name), i);
}

std::optional<std::size_t> TableFinder::find(std::string_view name) const {
    const auto found = by_name_.find(to_lower(name));
    if (found == by_name_.end()) return std::nullopt;
    if (schema_.tables[found->second].name == name) return found->second;
    const auto exact = schema_.find_exact(name);
    return exact ? exact : found->second;
}

}  // namespace dbfixture
