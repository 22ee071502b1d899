// SPDX-License-Identifier: MIT
#include "db/mariadb/load_known_keys.h"

#include <algorithm>

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20;
constexpr std::size_t kRowsBetween = 4096;  // looks at how much it has become

bool is_integer(ValueForm form) {
    return form == ValueForm::kInteger || form == ValueForm::kUnsigned || form == ValueForm::kBoolean;
}

bool is_integer(const Value& value) {
    return value.kind() == ValueKind::kInteger || value.kind() == ValueKind::kBoolean;
}

}  // namespace

KnownKeys::KnownKeys(const LoadContext& context, const std::vector<Reference>& references)
    : collected_(references.size()), of_table_(context.catalog.facts.size()), from_table_(of_table_.size()) {
    // What triggers write, nobody here sees.
    if (context.options.fire_triggers) return;
    for (std::size_t at = 0; at < references.size(); ++at) {
        const Reference& reference = references[at];
        if (!reference.parent || reference.columns.size() != 1) continue;
        const std::size_t parent = *reference.parent, column = reference.parent_indexes[0];
        if (!is_integer(context.facts(parent).columns[column].form) ||
            !is_integer(context.facts(reference.child).columns[reference.columns[0]].form))
            continue;
        auto found = std::ranges::find_if(
            known_, [&](const Known& known) { return known.table == parent && known.column == column; });
        if (found == known_.end()) {
            of_table_[parent].push_back(known_.size());
            found = known_.insert(found, Known{parent, column, true, {}});
        }
        collected_[at] = {
            reference.child, reference.columns[0], static_cast<std::size_t>(found - known_.begin()), true, {}};
        from_table_[reference.child].push_back(at);
    }
}

void KnownKeys::present(const SentRow& row) {
    for (const std::size_t at : of_table_[row.table]) {
        Known& known = known_[at];
        const Value* const value = row.find(known.column);
        if (known.certain && value != nullptr && is_integer(*value)) known.keys.insert(value->as_integer());
    }
}

void KnownKeys::refers(const SentRow& row) {
    for (const std::size_t at : from_table_[row.table]) {
        Collected& collected = collected_[at];
        if (!collected.certain) continue;
        const Value* const value = row.find(collected.column);
        if (value == nullptr || !(value->is_null() || is_integer(*value))) {
            collected.certain = false;
            collected.values.clear();
        } else if (!value->is_null()) {
            collected.values.insert(value->as_integer());
        }
    }
    if (++rows_ % kRowsBetween == 0) bound();
}

void KnownKeys::changing(std::size_t table) {
    for (const std::size_t at : of_table_[table]) {
        known_[at].certain = false;
        known_[at].keys.clear();
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
        changing(table);
    for (Collected& collected : collected_) {
        collected.certain = false;
        collected.values.clear();
    }
}

}  // namespace dbfixture::mariadb
