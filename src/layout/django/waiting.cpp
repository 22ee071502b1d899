// SPDX-License-Identifier: MIT
#include "layout/django/waiting.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

namespace dbfixture {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

template <typename Plain>
void put(std::string& out, const Plain& plain) {
    out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}

template <typename Plain>
Plain take(std::string_view& bytes) {
    Plain plain;
    std::memcpy(&plain, bytes.data(), sizeof plain);
    bytes.remove_prefix(sizeof plain);
    return plain;
}

void put_value(std::string& out, const Value& value) {
    put(out, value.kind());
    put(out, value.line());
    if (value.has_text()) {
        put(out, value.encoding());
        put(out, value.as_text().size());
        out.append(value.as_text());
    } else if (value.kind() == ValueKind::kList || value.kind() == ValueKind::kMap) {
        put(out, value.item_count());
        for (std::size_t i = 0; i < value.item_count(); ++i)
            put_value(out, value.items()[i]);
    } else if (!value.is_null()) {
        put(out, value.as_unsigned());  // the bits of whichever number it is
    }
}

Value text_of_kind(ValueKind kind, std::string_view text, TextEncoding encoding) {
    switch (kind) {
        case ValueKind::kDecimal:
            return Value::decimal(text);
        case ValueKind::kEncodedText:
            return Value::encoded_text(text, encoding);
        case ValueKind::kBytes:
            return Value::bytes(text);
        case ValueKind::kNumber:
            return Value::number(text);
        case ValueKind::kPlain:
            return Value::plain(text);
        case ValueKind::kJson:
            return Value::json(text);
        default:
            return Value::text(text);
    }
}

Value take_value(std::string_view& bytes, Arena& arena) {
    const auto kind = take<ValueKind>(bytes);
    const auto line = take<std::uint32_t>(bytes);
    Value value;
    switch (kind) {
        case ValueKind::kNull:
            break;
        case ValueKind::kBoolean:
            value = Value::boolean(take<std::uint64_t>(bytes) != 0);
            break;
        case ValueKind::kInteger:
            value = Value::integer(take<std::int64_t>(bytes));
            break;
        case ValueKind::kUnsigned:
            value = Value::unsigned_integer(take<std::uint64_t>(bytes));
            break;
        case ValueKind::kReal:
            value = Value::real(take<double>(bytes));
            break;
        case ValueKind::kList:
        case ValueKind::kMap: {
            const auto count = take<std::size_t>(bytes);
            auto* items = new (arena.allocate(sizeof(Value) * (count + 1))) Value[count + 1];
            for (std::size_t i = 0; i < count; ++i)
                items[i] = take_value(bytes, arena);
            value = kind == ValueKind::kList ? Value::list(items, count) : Value::map(items, count / 2);
            break;
        }
        case ValueKind::kDecimal:
        case ValueKind::kText:
        case ValueKind::kEncodedText:
        case ValueKind::kBytes:
        case ValueKind::kNumber:
        case ValueKind::kPlain:
        case ValueKind::kJson: {
            const auto encoding = take<TextEncoding>(bytes);
            const auto size = take<std::size_t>(bytes);
            value = text_of_kind(kind, bytes.substr(0, size), encoding);
            bytes.remove_prefix(size);
            break;
        }
    }
    return value.set_line(line);
}

// Models, fields and lists are named by table and column: the models outlive the load, but bytes hold no pointers.
void put_link(std::string& out, const RowLink& link) {
    put(out, link.kind);
    put(out, link.is_xml);
    put(out, link.slot);
    put(out, static_cast<std::uint32_t>(link.model->table));
    put(out, link.field == nullptr ? kNone : static_cast<std::uint32_t>(link.field->column));
    put(out, link.members == nullptr ? kNone : static_cast<std::uint32_t>(link.members->table));
    put_value(out, link.value);
}

RowLink take_link(std::string_view& bytes, const DjangoModels& models, Arena& arena) {
    RowLink link;
    link.kind = take<RowLink::Kind>(bytes);
    link.is_xml = take<bool>(bytes);
    link.slot = take<std::size_t>(bytes);
    link.model = models.of_table(take<std::uint32_t>(bytes));
    const auto field = take<std::uint32_t>(bytes), list = take<std::uint32_t>(bytes);
    if (field != kNone) link.field = &link.model->field_of_column(field);
    if (list != kNone) {
        const auto& lists = models.owner_of(list)->members;
        link.members = &*std::find_if(lists.begin(), lists.end(), [&](const auto& m) { return m.table == list; });
    }
    link.value = take_value(bytes, arena);
    return link;
}

std::string stored(const BoundRow& row, std::span<const RowLink> links, bool indexed) {
    std::string out;
    put(out, indexed);
    put(out, row.table);
    put(out, row.address);
    put(out, row.row_number);
    put(out, row.origin.file);
    put(out, row.origin.line);
    put(out, row.origin.record);
    put(out, row.columns.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        put(out, row.columns[i]);
        put_value(out, row.values[i]);
    }
    put(out, links.size());
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
    out.indexed = take<bool>(bytes);
    out.row.table = take<decltype(out.row.table)>(bytes);
    out.row.address = take<RowAddress>(bytes);
    out.row.row_number = take<std::int64_t>(bytes);
    out.row.origin.file = take<decltype(out.row.origin.file)>(bytes);
    out.row.origin.line = take<decltype(out.row.origin.line)>(bytes);
    out.row.origin.record = take<decltype(out.row.origin.record)>(bytes);
    const auto columns = take<std::size_t>(bytes);
    for (std::size_t i = 0; i < columns; ++i) {
        out.columns.push_back(take<std::uint16_t>(bytes));
        out.values.push_back(take_value(bytes, out.arena));
    }
    out.row.columns = out.columns;
    out.row.values = out.values;
    const auto links = take<std::size_t>(bytes);
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
