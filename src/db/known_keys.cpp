// SPDX-License-Identifier: MIT
#include "db/known_keys.h"

#include <algorithm>

namespace dbfixture {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr std::size_t kRowsBetween = 4096;  // looks at how much it has become

bool is_integer(const Value& value) {
    return value.kind() == ValueKind::kInteger || value.kind() == ValueKind::kBoolean;
}

// nullptr where the row leaves the column out.
const Value* find(KnownKeys::Columns columns, KnownKeys::Values values, std::size_t column) {
    const auto at = std::ranges::lower_bound(columns, column);
    return at == columns.end() || *at != column ? nullptr : &values[static_cast<std::size_t>(at - columns.begin())];
}

}  // namespace

KnownKeys::KnownKeys(std::size_t tables, std::span<const std::optional<KeyReference>> references)
    : collected_(references.size()), of_table_(tables), from_table_(tables) {
    for (std::size_t at = 0; at < references.size(); ++at) {
        if (!references[at]) continue;
        const KeyReference& reference = *references[at];
        auto found = std::ranges::find_if(known_, [&](const Known& known) {
            return known.table == reference.parent && known.column == reference.parent_column;
        });
        if (found == known_.end()) {
            of_table_[reference.parent].push_back(known_.size());
            found = known_.insert(found, Known{reference.parent, reference.parent_column});
        }
        collected_[at] = {reference.child_column, static_cast<std::size_t>(found - known_.begin()), true};
        from_table_[reference.child].push_back(at);
    }
}

void KnownKeys::present(std::size_t table, Columns columns, Values values) {
    for (const std::size_t at : of_table_[table]) {
        Known& known = known_[at];
        if (!known.certain) continue;
        const Value* const value = find(columns, values, known.column);
        if (value != nullptr && is_integer(*value)) known.keys.insert(value->as_integer());
    }
    if (++rows_ % kRowsBetween == 0) bound();
}

void KnownKeys::refers(std::size_t table, Columns columns, Values values) {
    for (const std::size_t at : from_table_[table]) {
        Collected& collected = collected_[at];
        if (!collected.certain) continue;
        const Value* const value = find(columns, values, collected.column);
        if (value == nullptr || !(value->is_null() || is_integer(*value))) {
            collected.certain = false;
            collected.values.clear();
        } else if (!value->is_null()) {
            collected.values.insert(value->as_integer());
        }
    }
}

void KnownKeys::changing(std::size_t table) {
    for (const std::size_t at : of_table_[table]) {
        known_[at].certain = false;
        known_[at].keys.clear();
    }
}

void KnownKeys::unsure(std::size_t table) {
    changing(table);
    for (const std::size_t at : from_table_[table]) {
        collected_[at].certain = false;
        collected_[at].values.clear();
    }
}

bool KnownKeys::holds(std::size_t reference) const {
    const Collected& collected = collected_[reference];
    return collected.certain && known_[collected.known].certain &&
           known_[collected.known].keys.contains(collected.values);
}

void KnownKeys::bound() {
    std::size_t bytes = 0;
    for (const Known& known : known_)
        bytes += known.keys.bytes();
    for (const Collected& collected : collected_)
        bytes += collected.values.bytes();
    if (bytes <= kMostBytes) return;
    for (std::size_t table = 0; table < of_table_.size(); ++table)
        unsure(table);
}

}  // namespace dbfixture
