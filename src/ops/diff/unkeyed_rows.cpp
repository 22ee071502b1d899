// SPDX-License-Identifier: MIT
#include "ops/diff/unkeyed_rows.h"

#include <algorithm>
#include <map>
#include <optional>

namespace dbfixture {
namespace {

// The values of these slots behind one another; nothing if the row does not say all of them.
std::optional<std::string> values_of(const DiffRow& row, const std::vector<std::size_t>& slots) {
    std::string out;
    for (const std::size_t slot : slots) {
        if (row.slots[slot].state != SlotState::kValue) return std::nullopt;
        pack_value_slot(out, row.slots[slot].value);
    }
    return out;
}

}  // namespace

bool agree(const Slot& a, const Slot& b, Patterns& patterns) {
    if (a.state == SlotState::kAbsent || b.state == SlotState::kAbsent) return true;
    if (a.state == SlotState::kPattern && b.state == SlotState::kPattern) return a.value.as_text() == b.value.as_text();
    if (a.state == SlotState::kPattern) return patterns.matches(a.value.as_text(), b.value);
    if (b.state == SlotState::kPattern) return patterns.matches(b.value.as_text(), a.value);
    return same_value(a.value, b.value);
}

bool agree(const DiffRow& a, const DiffRow& b, Patterns& patterns) {
    return std::equal(a.slots.begin(), a.slots.end(), b.slots.begin(), b.slots.end(),
                      [&](const Slot& x, const Slot& y) { return agree(x, y, patterns); });
}

void UnkeyedRows::add(std::string_view row, const Origin& origin) {
    Kept& kept = rows_.emplace_back();
    kept.bytes = row;
    kept.origin = origin;
    bytes_ += row.size() + sizeof(Kept) + 100;
}

void UnkeyedRows::index() {
    indexed_ = true;
    std::map<std::vector<std::size_t>, std::size_t> known;
    DiffRow row;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        unpack_row(rows_[i].bytes, row);
        std::vector<std::size_t> said;
        for (std::size_t slot = 0; slot < row.slots.size(); ++slot) {
            if (row.slots[slot].state == SlotState::kValue) said.push_back(slot);
        }
        const auto [place, is_new] = known.emplace(said, shapes_.size());
        if (is_new) shapes_.push_back({said, {}});
        shapes_[place->second].rows[*values_of(row, said)].push_back(i);
    }
    std::stable_sort(shapes_.begin(), shapes_.end(),
                     [](const Shape& a, const Shape& b) { return a.slots.size() > b.slots.size(); });
}

// Those with patterns are more particular than those without.
bool UnkeyedRows::take_from(std::vector<std::size_t>& candidates, const DiffRow& row, Patterns& patterns) {
    auto best = candidates.end();
    std::ptrdiff_t most = -1;
    DiffRow said;
    for (auto at = candidates.begin(); at != candidates.end(); ++at) {
        unpack_row(rows_[*at].bytes, said);
        const auto count = std::count_if(said.slots.begin(), said.slots.end(),
                                         [](const Slot& slot) { return slot.state == SlotState::kPattern; });
        if (count <= most || !agree(said, row, patterns)) continue;
        best = at;
        most = count;
    }
    if (best == candidates.end()) return false;
    rows_[*best].taken = true;
    candidates.erase(best);
    return true;
}

bool UnkeyedRows::take(const DiffRow& row, Patterns& patterns) {
    if (rows_.empty()) return false;
    if (!indexed_) index();
    for (Shape& shape : shapes_) {
        const auto values = values_of(row, shape.slots);
        if (!values) continue;
        const auto found = shape.rows.find(*values);
        if (found != shape.rows.end() && take_from(found->second, row, patterns)) return true;
    }
    return false;
}

void UnkeyedRows::each_left(const std::function<void(const DiffRow& row)>& use) const {
    DiffRow row;
    for (const Kept& kept : rows_) {
        if (kept.taken) continue;
        unpack_row(kept.bytes, row);
        row.has_key = false;
        row.origin = kept.origin;
        use(row);
    }
}

}  // namespace dbfixture
