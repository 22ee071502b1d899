// SPDX-License-Identifier: MIT
// The order in which databases give rows: by value, texts and bytes by their bytes.
#pragma once

#include <algorithm>
#include <span>

#include "model/value.h"

namespace dbfixture {

// Null, numbers, text, bytes.
inline int rank_of(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return 0;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return 1;
        case ValueKind::kReal:
        case ValueKind::kUnsigned:
            return 2;
        case ValueKind::kBytes:
            return 4;
        default:
            return 3;
    }
}

// Less than, equal to or greater than 0.
inline int compare_stored(const Value& a, const Value& b) {
    const int left = rank_of(a), right = rank_of(b);
    if (left == 1 && right == 1) return a.as_integer() < b.as_integer() ? -1 : a.as_integer() > b.as_integer() ? 1 : 0;
    if ((left == 1 || left == 2) && (right == 1 || right == 2)) {
        const auto number = [](const Value& value) -> long double {  // 64 bits of mantissa
            if (value.kind() == ValueKind::kReal) return value.as_real();
            if (value.kind() == ValueKind::kUnsigned) return static_cast<long double>(value.as_unsigned());
            return static_cast<long double>(value.as_integer());
        };
        const long double x = number(a), y = number(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }
    if (left != right) return left < right ? -1 : 1;
    return left == 0 ? 0 : a.as_text().compare(b.as_text());
}

inline bool is_key_before(std::span<const Value> a, std::span<const Value> b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const int order = compare_stored(a[i], b[i]);
        if (order != 0) return order < 0;
    }
    return a.size() < b.size();
}

}  // namespace dbfixture
