// SPDX-License-Identifier: MIT
#include <array>

#include "db/states.h"

namespace dbfixture {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kNames = {"image"sv, "template"sv, "copy"sv, "serialized"sv};  // in the order of StateKind

}  // namespace

std::string_view name_of(StateKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<StateKind> find_state_kind(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<StateKind>(i);
    }
    return std::nullopt;
}

}  // namespace dbfixture
