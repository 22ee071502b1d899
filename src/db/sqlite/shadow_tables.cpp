// SPDX-License-Identifier: MIT
#include "db/sqlite/shadow_tables.h"

#include <set>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

// The one with the longest name, if there are several; null if there is none.
const Table* owner_of(const Catalog& catalog, const std::vector<std::size_t>& owners, const Table& table) {
    const Table* best = nullptr;
    for (const std::size_t i : owners) {
        const Table& owner = catalog.schema.tables[i];
        const std::size_t size = owner.name.size();
        const bool fits = table.name.size() > size + 1 && table.name[size] == '_' &&
                          equals_ignore_case(std::string_view(table.name).substr(0, size), owner.name);
        if (fits && (best == nullptr || best->name.size() < size)) best = &owner;
    }
    return best;
}

}  // namespace

void mark_shadow_tables(Catalog& catalog) {
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < catalog.facts.size(); ++i) {
        if (!catalog.facts[i].module.empty() && !catalog.schema.tables[i].unreadable.empty()) owners.push_back(i);
    }
    if (owners.empty()) return;
    std::set<std::string> parents;
    for (const Table& table : catalog.schema.tables) {
        for (const ForeignKey& key : table.foreign_keys)
            parents.insert(to_lower(key.parent_name));
    }
    for (std::size_t i = 0; i < catalog.facts.size(); ++i) {
        Table& table = catalog.schema.tables[i];
        const bool used = !table.foreign_keys.empty() || table.has_triggers || parents.contains(to_lower(table.name));
        if (!catalog.facts[i].module.empty() || used) continue;
        const Table* const owner = owner_of(catalog, owners, table);
        if (owner == nullptr) continue;
        table.belongs_to = owner->name;
        table.unreadable = cat("it belongs to table ", quote(owner->name), ": ", owner->unreadable);
    }
}

}  // namespace dbfixture::sqlite
