// SPDX-License-Identifier: MIT
// Values and plain data as bytes, one behind the other, to be put by and taken out again by this process: no file
// format.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/arena.h"
#include "model/value.h"

namespace dbfixture {

template <typename Plain>
void pack(std::string& out, const Plain& plain) {
    static_assert(std::is_trivially_copyable_v<Plain> && !std::is_pointer_v<Plain>);
    out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}

// Takes what pack() put there off the front of `bytes`.
template <typename Plain>
Plain unpack(std::string_view& bytes) {
    static_assert(std::is_trivially_copyable_v<Plain> && !std::is_pointer_v<Plain>);
    Plain plain;
    std::memcpy(&plain, bytes.data(), sizeof plain);
    bytes.remove_prefix(sizeof plain);
    return plain;
}

// A value of any kind, with its line. What comes back points into `bytes`; lists and maps lie in `arena`.
void pack_value(std::string& out, const Value& value);
Value unpack_value(std::string_view& bytes, Arena& arena);

}  // namespace dbfixture
