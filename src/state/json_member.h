// SPDX-License-Identifier: MIT
// Members of the documents that a store keeps (manifests, records of layers), as fixture/json/document.h parses them.
#pragma once

#include <charconv>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "fixture/json/document.h"
#include "model/value.h"

namespace dbfixture {

struct BadMember {};  // thrown where one is missing, or of the wrong kind

// The whole document, into `arena`. `damaged` throws, given what is wrong with the text.
inline Value parse_stored(std::string_view text, Arena& arena, const std::function<void(std::string)>& damaged) {
    try {
        return parse_json_value(text, arena);
    } catch (const Error& error) {  // whose words may have bytes of the file
        damaged(cat("It is not JSON in line ", error.where.line, "."));
        throw;
    }
}

inline const Value* find(const Value& map, std::string_view name) {
    for (std::size_t i = 0; map.kind() == ValueKind::kMap && i + 1 < map.item_count(); i += 2) {
        if (map.items()[i].as_text() == name) return &map.items()[i + 1];
    }
    return nullptr;
}

inline const Value& member(const Value& map, std::string_view name, ValueKind kind) {
    const Value* const value = find(map, name);
    if (value == nullptr || value->kind() != kind) throw BadMember();
    return *value;
}

inline std::string text_in(const Value& map, std::string_view name) {
    return std::string(member(map, name, ValueKind::kText).as_text());
}

template <typename Number>
Number number_in(const Value& map, std::string_view name) {
    const std::string_view text = member(map, name, ValueKind::kNumber).as_text();
    Number number = 0;
    const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || rest != text.data() + text.size()) throw BadMember();
    return number;
}

inline std::span<const Value> list_in(const Value& map, std::string_view name) {
    const Value& list = member(map, name, ValueKind::kList);
    return {list.items(), list.item_count()};
}

inline bool boolean_in(const Value& map, std::string_view name) {
    return member(map, name, ValueKind::kBoolean).as_boolean();
}

}  // namespace dbfixture
