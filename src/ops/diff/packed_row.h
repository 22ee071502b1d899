// SPDX-License-Identifier: MIT
// A row as diff compares it: bytes that are equal exactly if nothing of it differs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"
#include "model/value.h"

namespace dbfixture {

enum class SlotState : std::uint8_t {
    kAbsent,  // nothing is said of the column, and nothing compared
    kValue,
    kPattern  // the value is a text: the regular expression that the other side's must match
};

struct Slot {
    SlotState state = SlotState::kAbsent;
    Value value;
};

// One side's row of a table: a slot for each column that is compared.
struct DiffRow {
    std::optional<std::int64_t> row_number;  // the engine's own, where it is what addresses the row
    std::vector<Slot> slots;
    bool has_key = true;  // false: nobody said which row it is
    Origin origin{};      // of a fixture's
};

void pack_row_number(std::string& out, std::optional<std::int64_t> number);
void pack_slot(std::string& out, const Slot& slot);
// A slot with this value, quicker.
void pack_value_slot(std::string& out, const Value& value);

// What was packed: the row number, then every slot. Texts point into `bytes`.
void unpack_row(std::string_view bytes, DiffRow& row);

}  // namespace dbfixture
