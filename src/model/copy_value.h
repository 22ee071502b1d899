// SPDX-License-Identifier: MIT
// Values, and lists of them, in other memory.
#pragma once

#include "base/arena.h"
#include "model/value.h"

namespace dbfixture {

// The same value, with its text and, of a list or a map, everything in it in the memory of `arena`.
Value copy_value(const Value& value, Arena& arena);

// Whether a map holds a key more than once.
bool has_repeated_key(const Value& map);

// A list or a map (with its line) that has of(item) for each item of `value`, which is one; of a map for keys and
// values alike. It lies in `arena`.
template <typename Of>
Value with_items(const Value& value, Arena& arena, const Of& of) {
    const std::size_t count = value.item_count();
    auto* const items = arena.make<Value>(count);
    for (std::size_t i = 0; i < count; ++i)
        items[i] = of(value.items()[i]);
    Value out = value.kind() == ValueKind::kList ? Value::list(items, count) : Value::map(items, count / 2);
    return out.set_line(value.line());
}

}  // namespace dbfixture
