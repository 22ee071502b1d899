// SPDX-License-Identifier: MIT
#include "layout/django/waiting.h"

#include <algorithm>
#include <functional>

#include "model/packed.h"

namespace dbfixture {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

// Models, fields and lists are named by table and column: the models outlive the load, but bytes hold no pointers.
void put_link(std::string& out, const RowLink& link) {
    pack(out, link.kind);
    pack(out, link.is_xml);
    pack(out, link.slot);
    pack(out, static_cast<std::uint32_t>(link.model->table));
    pack(out, link.field == nullptr ? kNone : static_cast<std::uint32_t>(link.field->column));
    pack(out, link.members == nullptr ? kNone : static_cast<std::uint32_t>(link.members->table));
    pack_value(out, link.value);
}

RowLink take_link(std::string_view& bytes, const DjangoModels& models, Arena& arena) {
    RowLink link;
    link.kind = unpack<RowLink::Kind>(bytes);
    link.is_xml = unpack<bool>(bytes);
    link.slot = unpack<std::size_t>(bytes);
    link.model = models.of_table(unpack<std::uint32_t>(bytes));
    const auto field = unpack<std::uint32_t>(bytes), list = unpack<std::uint32_t>(bytes);
    if (field != kNone) link.field = &link.model->field_of_column(field);
    if (list != kNone) {
        const auto& lists = models.owner_of(list)->members;
        link.members = &*std::find_if(lists.begin(), lists.end(), [&](const auto& m) { return m.table == list; });
    }
    link.value = unpack_value(bytes, arena);
    return link;
}

std::string stored(const BoundRow& row, std::span<const RowLink> links, bool indexed) {
    std::string out;
    pack(out, indexed);
    pack(out, row.table);
    pack(out, row.address);
    pack(out, row.row_number);
    pack(out, row.origin.file);
    pack(out, row.origin.line);
    pack(out, row.origin.record);
    pack(out, row.columns.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        pack(out, row.columns[i]);
        pack_value(out, row.values[i]);
    }
    pack(out, links.size());
    for (const RowLink& link : links)
        put_link(out, link);
    return out;
}

std::uint64_t hash_of(const std::string& identity) {
    return std::hash<std::string>()(identity);
}

}  // namespace

std::int64_t WaitingRows::add(const BoundRow& row, std::span<const RowLink> links) {
    ++count_;
    const DjangoModel* const model = models_.of_table(row.table);
    has_natural_keys_ |= model != nullptr && !model->natural_key.empty();
    has_numbered_ |= row.address == RowAddress::kNumbered;
    return last_ = store_.add(stored(row, links, false));
}

bool WaitingRows::get(std::int64_t number, WaitingRow& out) const {
    auto found = store_.get(number);
    if (!found) return false;
    out.number = number;
    out.bytes = std::move(*found);
    out.arena.clear();
    out.columns.clear();
    out.values.clear();
    out.links.clear();
    std::string_view bytes = out.bytes;
    out.indexed = unpack<bool>(bytes);
    out.row.table = unpack<decltype(out.row.table)>(bytes);
    out.row.address = unpack<RowAddress>(bytes);
    out.row.row_number = unpack<std::int64_t>(bytes);
    out.row.origin.file = unpack<decltype(out.row.origin.file)>(bytes);
    out.row.origin.line = unpack<decltype(out.row.origin.line)>(bytes);
    out.row.origin.record = unpack<decltype(out.row.origin.record)>(bytes);
    const auto columns = unpack<std::size_t>(bytes);
    for (std::size_t i = 0; i < columns; ++i) {
        out.columns.push_back(unpack<std::uint16_t>(bytes));
        out.values.push_back(unpack_value(bytes, out.arena));
    }
    out.row.columns = out.columns;
    out.row.values = out.values;
    const auto links = unpack<std::size_t>(bytes);
    for (std::size_t i = 0; i < links; ++i)
        out.links.push_back(take_link(bytes, models_, out.arena));
    return true;
}

void WaitingRows::update(const WaitingRow& row) {
    store_.replace(row.number, stored(row.row, row.links, row.indexed));
}

void WaitingRows::remove(std::int64_t number) {
    store_.remove(number);
    --count_;
}

void WaitingRows::mark(std::int64_t number, Kind kind, const std::string& identity) {
    const std::uint64_t hash = hash_of(identity);
    store_.mark(number, kind, hash);
    if (kind != kByKey) return;
    if (!keys_) keys_ = std::make_unique<std::bitset<kFilterBits>>();
    keys_->set(hash % kFilterBits);
}

std::vector<std::int64_t> WaitingRows::find(Kind kind, const std::string& identity) const {
    const std::uint64_t hash = hash_of(identity);
    if (kind == kByKey && (!keys_ || !keys_->test(hash % kFilterBits))) return {};
    return store_.find(kind, hash);
}

}  // namespace dbfixture
