// SPDX-License-Identifier: MIT
#include "model/copy_value.h"

#include <algorithm>
#include <vector>

namespace dbfixture {

Value copy_value(const Value& value, Arena& arena) {
    if (value.kind() == ValueKind::kList || value.kind() == ValueKind::kMap)
        return with_items(value, arena, [&](const Value& item) { return copy_value(item, arena); });
    Value out = value;
    if (value.has_text()) out.move_text(arena.copy(value.as_text()));
    return out;
}

bool has_repeated_key(const Value& map) {
    std::vector<std::string_view> keys;
    for (std::size_t i = 0; i < map.item_count(); i += 2)
        keys.push_back(map.items()[i].as_text());
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

}  // namespace dbfixture
