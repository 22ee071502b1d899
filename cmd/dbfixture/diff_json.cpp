// SPDX-License-Identifier: MIT
#include "diff_json.h"

#include "diff_value.h"

namespace dbfixture {
namespace {

std::string_view name_of(RowChange change) {
    switch (change) {
        case RowChange::kOnlyA:
            return "removed";
        case RowChange::kOnlyB:
            return "added";
        case RowChange::kDiffers:
            return "changed";
    }
    return "";
}

}  // namespace

void DiffJson::begin_table(const ComparedTable& table) {
    table_ = &table;
    listed_ = 0;
    json_.begin_object().field("table", table.label).key("rows").begin_list();
}

void DiffJson::take(const RowDifference& difference) {
    if (listed_ == limit_) return;
    ++listed_;
    const DiffRow& row = difference.a != nullptr ? *difference.a : *difference.b;
    json_.begin_object().field("change", name_of(difference.change));
    json_.key("pk").document(key_json(*table_, row));
    if (row.row_number && table_->key_size > 0) json_.field("row_number", *row.row_number);
    add_fields(difference);
    json_.end_object();
}

void DiffJson::add_fields(const RowDifference& difference) {
    const bool changed = difference.change == RowChange::kDiffers;
    const DiffRow& row = difference.a != nullptr ? *difference.a : *difference.b;
    const bool has_key = key_json(*table_, row) != "null";
    json_.key("fields").begin_object();
    for (std::size_t i = 0; i < row.slots.size(); ++i) {
        const Slot& slot = row.slots[i];
        if (changed ? !difference.differs[i] : slot.state == SlotState::kAbsent) continue;
        if (!changed && has_key && i < table_->key_size) continue;
        json_.key(table_->columns[i]);
        if (changed) {
            json_.begin_object().key("a").document(fixture_json(difference.a->slots[i]));
            json_.key("b").document(fixture_json(difference.b->slots[i])).end_object();
        } else {
            json_.document(fixture_json(slot));
        }
    }
    json_.end_object();
}

void DiffJson::end_table(const TableCount& count) {
    if (!count.any()) return;
    json_.end_list().field("added", count.only_b).field("removed", count.only_a).field("changed", count.differs);
    json_.field("rows_left_out", count.only_a + count.only_b + count.differs - listed_).end_object();
}

void DiffJson::finish(const DiffReport& report) {
    json_.key("other_changes").begin_list();
    for (const OtherDifference& difference : others_) {
        json_.begin_object().field("change", name_of(difference.change)).field("kind", difference.kind);
        json_.field("name", difference.name);
        json_.optional_field("a", difference.a).optional_field("b", difference.b);
        if (difference.rows) json_.field("rows", *difference.rows);
        json_.end_object();
    }
    json_.end_list().key("not_compared").begin_list();
    for (const auto& [table, reason] : not_compared_)
        json_.begin_object().field("table", table).field("reason", reason).end_object();
    json_.end_list().field("tables_compared", report.tables.size()).field("equal", !report.any());
}

}  // namespace dbfixture
