// SPDX-License-Identifier: MIT
#include "layout/django/natural.h"

#include <algorithm>

namespace dbfixture {

std::optional<Value> NaturalKeyWriter::of_row(const DjangoTarget& target, const Value& value, Arena& arena) {
    std::vector<Value> parts;
    if (!append_parts(target, value, parts, arena)) return std::nullopt;
    auto* const items = arena.make<Value>(parts.size());
    std::copy(parts.begin(), parts.end(), items);
    return Value::list(items, parts.size());
}

bool NaturalKeyWriter::append_parts(const DjangoTarget& target, const Value& value, std::vector<Value>& parts,
                                    Arena& arena) {
    const DjangoModel* model = models_.of_table(target.table);
    if (model == nullptr || value.is_null()) return false;
    auto& lookup = lookups_[{target.table, target.column}];
    if (!lookup) {
        const std::vector<std::size_t> by = {target.column};
        lookup = connection_.open_lookup(target.table, by, model->natural_key);
    }
    const LookupAnswer answer = lookup->find_one({&value, 1});
    if (answer.rows == 0) return false;
    if (model->natural_key_inferred) inferred_.insert(target.table);
    std::vector<Value> found;
    for (Value part : answer.values) {
        if (part.has_text()) part.move_text(arena.copy(part.as_text()));
        found.push_back(part);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        const DjangoField& field = model->field_of_column(model->natural_key[i]);
        const bool nested =
            field.target && field.target->table != target.table && models_.natural_length(field.target->table) > 0;
        if (nested) {
            if (!append_parts(*field.target, found[i], parts, arena)) return false;
        } else {
            parts.push_back(writer_of(field.form)(found[i], rules_for(field, rules_), arena));
        }
    }
    return true;
}

}  // namespace dbfixture
