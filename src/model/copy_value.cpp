// SPDX-License-Identifier: MIT
#include "model/copy_value.h"

namespace dbfixture {

Value copy_value(const Value& value, Arena& arena) {
    Value out = value;
    if (value.has_text()) out.move_text(arena.copy(value.as_text()));
    if (value.kind() != ValueKind::kList && value.kind() != ValueKind::kMap) return out;
    const std::size_t count = value.item_count();
    auto* items = new (arena.allocate(sizeof(Value) * (count + 1))) Value[count + 1];
    for (std::size_t i = 0; i < count; ++i)
        items[i] = copy_value(value.items()[i], arena);
    out = value.kind() == ValueKind::kList ? Value::list(items, count) : Value::map(items, count / 2);
    return out.set_line(value.line());
}

}  // namespace dbfixture
