// SPDX-License-Identifier: MIT
#include "diff_fixture.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture {

void DiffFixture::take(const OtherDifference& difference) {
    if (difference.kind != "sequence") ++others_;
}

DiffFixture::Pusher& DiffFixture::pusher_for(const std::vector<std::size_t>& columns, bool with_key) {
    Pusher& pusher = pushers_[{columns, with_key}];
    if (!pusher.push) {
        pusher.columns = columns;
        pusher.push = std::make_unique<RecordPusher>(table_->facts(), pusher.columns, writer_, with_key);
    }
    return pusher;
}

// What A does not say of a row that B has stays as it is in B: a load would give it its default.
void DiffFixture::take(const RowDifference& difference) {
    if (difference.change == RowChange::kOnlyB) return;
    const DiffRow& row = *difference.a;
    const bool has_columns = table_->key_size > 0 && !table_->is_bag && row.has_key;
    const Table& facts = table_->facts();
    const bool with_key = facts.key_kind == KeyKind::kHidden ? row.row_number.has_value() && !table_->is_bag
                                                             : has_columns && table_->key_size == facts.key.size();
    const std::vector<std::size_t>& places = table_->b != nullptr ? table_->in_b : table_->in_a;
    std::vector<Value> key, values;
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < row.slots.size(); ++i) {
        const Slot* slot = &row.slots[i];
        if (slot->state == SlotState::kPattern && (difference.b == nullptr || difference.differs[i])) ++patterns_;
        if (slot->state != SlotState::kValue && difference.b != nullptr) slot = &difference.b->slots[i];
        if (slot->state != SlotState::kValue) continue;
        if (with_key && facts.key_kind == KeyKind::kDeclared && facts.is_key_column(places[i])) {
            key.push_back(slot->value);
        } else {
            columns.push_back(places[i]);
            values.push_back(slot->value);
        }
    }
    ++records_;
    pusher_for(columns, with_key).push->take({key, row.row_number, values});
}

void DiffFixture::end_table(const TableCount& count) {
    staying_ += count.only_b;
    pushers_.clear();
    table_ = nullptr;
}

void DiffFixture::not_compared(const std::string& table, const std::string&) {
    not_compared_.push_back(table);
}

std::vector<std::string> DiffFixture::warnings() const {
    std::vector<std::string> out;
    if (staying_ > 0) {
        out.push_back(
            cat("loading this fixture deletes nothing: ", plural(staying_, "row"), " that only B has will stay"));
    }
    if (others_ > 0) out.push_back(cat(plural(others_, "difference"), " of the schema cannot be put into a fixture"));
    if (patterns_ > 0) {
        out.push_back(cat(plural(patterns_, "value"), " that A only gives a pattern for cannot be put into a fixture"));
    }
    if (!not_compared_.empty()) out.push_back(cat("not compared: ", quote_list(not_compared_)));
    return out;
}

}  // namespace dbfixture
