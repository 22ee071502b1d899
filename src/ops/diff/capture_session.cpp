// SPDX-License-Identifier: MIT
#include "ops/diff/capture_session.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "model/sort_key.h"
#include "ops/diff/put_by_file.h"

namespace dbfixture {
namespace {

constexpr std::size_t kMemoryOfRows = std::size_t{12} * 1024 * 1024;
constexpr std::size_t kMostPaired = 50;  // each has a statement open
constexpr std::size_t kMemoryOfUnkeyed = std::size_t{24} * 1024 * 1024;

bool same_shape(const BoundRow& a, const BoundRow& b) {
    return a.table == b.table && a.columns.data() == b.columns.data() && a.columns.size() == b.columns.size();
}

}  // namespace

CaptureSession::CaptureSession(Connection& connection, ExpectationBinder& binder, const CaptureRequest& request,
                               const std::vector<std::string>& files, Tables& tables)
    : connection_(connection),
      binder_(binder),
      request_(request),
      files_(files),
      tables_(tables),
      put_by_(std::make_unique<PutByFile>()) {}

void CaptureSession::fail(Error error, const BoundRow& row) const {
    if (error.where.file.empty()) error.where.file = files_[row.origin.file];
    if (error.where.line == 0) error.where.line = row.origin.line;
    error.where.record = row.origin.record;
    if (error.where.table.empty()) error.where.table = connection_.schema().tables[row.table].label();
    throw error;
}

CapturedTable& CaptureSession::table_of(const BoundRow& row, bool is_lists) {
    auto& table = tables_[row.table];
    if (!table) {
        table = std::make_unique<CapturedTable>(slots_of(connection_.schema(), row.table, request_.is_compared));
        table->is_lists = is_lists;
        const bool pairs = request_.pair && connection_.capabilities().cursors_nest && paired_ < kMostPaired;
        if (pairs && !is_lists && !table->slots.is_bag) {
            table->paired = std::make_unique<PairedRows>(connection_, table->slots);
            ++paired_;
        }
    }
    if (table->is_lists != is_lists) {
        fail(Error(ErrorKind::kInput, cat("rows of table ", quote(connection_.schema().tables[row.table].label()),
                                          " are given as records and as lists of other records"))
                 .with_hint("leave out the one or the other"),
             row);
    }
    return *table;
}

void CaptureSession::write(std::span<const BoundRow> rows, std::vector<RowFate>* fates) {
    if (fates != nullptr) fates->assign(rows.size(), RowFate::kChanged);
    for (std::size_t at = 0; at < rows.size();) {
        std::size_t end = at + 1;
        while (end < rows.size() && same_shape(rows[at], rows[end]))
            ++end;
        take(rows.subspan(at, end - at));
        at = end;
    }
    bound_memory();
}

// All rows at once; if one cannot be, one by one, to say which.
void CaptureSession::make_stored(std::span<const BoundRow> rows) {
    const std::size_t width = rows[0].columns.size();
    const auto gather = [&] {
        values_.clear();
        arena_.clear();
        for (const BoundRow& row : rows)
            values_.insert(values_.end(), row.values.begin(), row.values.end());
    };
    gather();
    try {
        return connection_.make_stored(rows[0].table, rows[0].columns, values_, arena_);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::kInput) throw;
    }
    gather();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        try {
            connection_.make_stored(rows[i].table, rows[i].columns, std::span(values_).subspan(i * width, width),
                                    arena_);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kInput) throw;
            fail(Error(ErrorKind::kInput, "the record has a value that its column cannot hold")
                     .with_detail(error.detail.empty() ? error.message : error.detail),
                 rows[i]);
        }
    }
}

void CaptureSession::take(std::span<const BoundRow> rows) {
    CapturedTable& table = table_of(rows[0], false);
    const std::span<const std::uint16_t> columns = rows[0].columns;
    make_stored(rows);
    const bool known =
        shape_.columns == columns.data() && shape_.count == columns.size() && shape_.table == rows[0].table;
    shape_ = {columns.data(), columns.size(), rows[0].table, std::move(shape_.sources)};
    if (!known || rows.size() == 1) {  // the address of a column list may come again with other columns
        shape_.sources.clear();
        for (const std::size_t column : table.slots.columns) {
            const auto found = std::find(columns.begin(), columns.end(), column);
            shape_.sources.push_back(found == columns.end() ? -1 : static_cast<int>(found - columns.begin()));
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i)
        keep(table, rows[i], std::span(values_).subspan(i * columns.size(), columns.size()));
}

void CaptureSession::keep(CapturedTable& table, const BoundRow& row, std::span<const Value> values) {
    row_.slots.clear();
    row_.row_number.reset();
    row_.has_key = row.address == RowAddress::kKey || row.address == RowAddress::kRowNumber;
    for (const int source : shape_.sources) {
        if (source < 0) {
            row_.slots.emplace_back();
        } else {
            row_.slots.push_back({SlotState::kValue, values[static_cast<std::size_t>(source)]});
        }
    }
    for (const Placeholder& placeholder : binder_.take(row.origin)) {
        row_.has_key = row_.has_key && !placeholder.is_key;
        const auto slot = std::find(table.slots.columns.begin(), table.slots.columns.end(), placeholder.column);
        if (slot == table.slots.columns.end() || (placeholder.is_key && placeholder.pattern.empty())) continue;
        Slot& said = row_.slots[static_cast<std::size_t>(slot - table.slots.columns.begin())];
        said = {placeholder.pattern.empty() ? SlotState::kAbsent : SlotState::kPattern,
                Value::text(arena_.copy(placeholder.pattern))};
    }
    place(table, row_, row);
}

// To the rows with a key, or to those without one.
void CaptureSession::place(CapturedTable& table, DiffRow& row, const BoundRow& bound) {
    const TableSlots& slots = table.slots;
    const Table& facts = connection_.schema().tables[slots.table];
    const auto first = row.slots.begin();
    const auto end_of_key = first + static_cast<std::ptrdiff_t>(slots.key_size);
    const auto has_value = [](const Slot& slot) { return slot.state == SlotState::kValue; };
    const bool null_in_key =
        std::any_of(first, end_of_key, [&](const Slot& slot) { return has_value(slot) && slot.value.is_null(); });
    const bool numbered = facts.key_kind == KeyKind::kHidden || null_in_key;
    if (bound.address == RowAddress::kRowNumber && numbered && !slots.is_bag) row.row_number = bound.row_number;
    // By all of its values, which it must say then; or by its key.
    if (slots.is_bag) {
        row.has_key = std::all_of(first, row.slots.end(), has_value);
    } else if (facts.key_kind == KeyKind::kDeclared) {
        row.has_key = row.has_key && std::all_of(first, end_of_key, has_value);
    }
    bytes_.clear();
    pack_row_number(bytes_, row.row_number);
    for (const Slot& slot : row.slots)
        pack_slot(bytes_, slot);
    if (!row.has_key) {
        table.unkeyed.add(bytes_, bound.origin);
        std::size_t memory = 0;
        for (const auto& each : tables_)
            memory += each ? each->unkeyed.memory() : 0;
        if (memory < kMemoryOfUnkeyed) return;
        fail(Error(ErrorKind::kInput, "too many records without a key")
                 .with_detail("Those are compared by their values, and kept in memory for that.")
                 .with_hint("give the records a \"pk\""),
             bound);
    }
    key_.clear();
    append_row_key(key_, slots, row);
    add(table, {key_, bytes_, bound.origin});
    if (!facts.numbers_rows) return;
    const bool by_column = slots.key_size == 1 && row.slots[0].value.kind() == ValueKind::kInteger;
    const auto number = by_column ? std::optional(row.slots[0].value.as_integer()) : row.row_number;
    if (number) table.largest_key = std::max(*number, table.largest_key.value_or(*number));
}

// Out of order, or twice: then all of the table's records are to be sorted, those too that were done.
void CaptureSession::add(CapturedTable& table, const StreamedRow& row) {
    if (table.paired && !table.paired->is_next(row.key)) {
        table.paired->give_back([&](const StreamedRow& matched) { table.rows.add(matched); });
        table.paired.reset();
        --paired_;
    }
    if (!table.paired || !table.paired->match(row)) table.rows.add(row);
}

// Of each set, a pair of the owner and NULL, then one with each member. Those are the only columns that are compared.
void CaptureSession::replace_members(std::span<const MemberSet> sets) {
    for (const MemberSet& set : sets) {
        BoundRow as_row;
        as_row.table = set.table;
        as_row.origin = set.origin;
        CapturedTable& table = table_of(as_row, true);
        table.slots.columns = {set.owner, set.member};
        table.slots.key_size = 2;
        table.slots.is_bag = false;
        const std::vector<std::uint16_t> columns = {set.owner, set.member};
        values_ = {set.owner_value, Value::null()};
        for (std::size_t i = 0; i < set.members.size(); ++i) {
            values_.push_back(set.owner_value);
            values_.push_back(set.members[i]);
        }
        arena_.clear();
        try {
            connection_.make_stored(set.table, columns, values_, arena_);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kInput) throw;
            fail(error, as_row);
        }
        for (std::size_t i = 0; i < values_.size(); i += 2) {
            key_.clear();
            bytes_.clear();
            pack_row_number(bytes_, std::nullopt);
            for (std::size_t at = i; at < i + 2; ++at) {
                append_sort_key(key_, values_[at]);
                pack_value_slot(bytes_, values_[at]);
            }
            table.rows.add({key_, bytes_, set.origin});
        }
    }
    bound_memory();
}

std::int64_t CaptureSession::next_number(std::size_t table) {
    std::int64_t last = tables_[table] ? tables_[table]->largest_key.value_or(0) : 0;
    for (const Sequence& sequence : connection_.sequences({table}))
        last = std::max({last, sequence.given().value_or(0), sequence.largest.value_or(0)});
    return last + 1;
}

void CaptureSession::bound_memory() {
    std::size_t all = 0;
    for (const auto& table : tables_)
        all += table ? table->rows.memory() : 0;
    if (all < kMemoryOfRows) return;
    for (const auto& table : tables_) {
        if (table) table->rows.release();
    }
}

}  // namespace dbfixture
