// SPDX-License-Identifier: MIT
#include "ops/diff/table_slots.h"

#include <algorithm>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/sort_key.h"
#include "ops/diff/row_sorter.h"

namespace dbfixture {
namespace {

// Packs the rows of a query.
class RowPacker {
  public:
    RowPacker(const Table& table, const TableSlots& slots) : slots_(slots) {
        query.table = slots.table;
        for (const std::size_t column : slots.columns) {
            const auto in_key = std::find(table.key.begin(), table.key.end(), column);
            if (in_key != table.key.end()) {
                places_.push_back({true, static_cast<std::size_t>(in_key - table.key.begin())});
            } else {
                places_.push_back({false, query.columns.size()});
                query.columns.push_back(column);
            }
        }
    }

    StreamedRow pack(const Row& row) {
        key_.clear();
        bytes_.clear();
        const bool numbered = row.row_number && !slots_.is_bag;
        pack_row_number(bytes_, numbered ? row.row_number : std::nullopt);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const Value& value = places_[i].in_key ? row.key[places_[i].at] : row.values[places_[i].at];
            if (i < slots_.key_size || slots_.is_bag) append_sort_key(key_, value);
            pack_value_slot(bytes_, value);
        }
        if (numbered) append_sort_key(key_, Value::integer(*row.row_number));
        if (slots_.is_bag) key_ += bytes_;
        return {key_, bytes_, {}};
    }

    RowQuery query;

  private:
    struct Place {
        bool in_key;
        std::size_t at;
    };
    const TableSlots& slots_;
    std::vector<Place> places_;
    std::string key_, bytes_;
};

// Rows that the engine gives in the order of their keys. That it does is checked: a row that is out of order would be
// taken for one that is missing.
class OrderedRows final : public RowStream {
  public:
    OrderedRows(Connection& connection, const TableSlots& slots)
        : label_(connection.schema().tables[slots.table].label()),
          packer_(connection.schema().tables[slots.table], slots),
          cursor_(connection.open_rows(packer_.query)) {}

    bool next(StreamedRow& row) override {
        Row read;
        if (!cursor_->next(read)) return false;
        last_key_.assign(row_.key);
        row_ = packer_.pack(read);
        if (row_.key < last_key_) {
            throw Error(ErrorKind::kFailure, cat("the rows of table ", quote(label_), " did not come in key order"))
                .with_detail("This is a defect in dbfixture, or the index of the key is damaged.");
        }
        row = row_;
        return true;
    }

  private:
    std::string label_;
    RowPacker packer_;
    std::unique_ptr<RowCursor> cursor_;
    StreamedRow row_;
    std::string last_key_;
};

// Rows that had to be sorted first.
class SortedRows final : public RowStream, private RowSink {
  public:
    SortedRows(Connection& connection, const TableSlots& slots)
        : packer_(connection.schema().tables[slots.table], slots) {
        connection.read_rows(packer_.query, *this);
        rows_ = sorter_.read();
    }
    bool next(StreamedRow& row) override { return rows_->next(row); }

  private:
    void take(const Row& row) override { sorter_.add(packer_.pack(row)); }

    RowPacker packer_;
    RowSorter sorter_;
    std::unique_ptr<RowStream> rows_;
};

std::vector<std::string> key_names(const Table& table) {
    std::vector<std::string> names;
    for (const std::size_t column : table.key)
        names.push_back(table.columns[column].name);
    return names;
}

// Exactly of this name, and not generated.
std::optional<std::size_t> stored_column(const Table& table, const std::string& name) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name == name && !table.columns[i].generated) return i;
    }
    return std::nullopt;
}

}  // namespace

TableSlots slots_of(const Schema& schema, std::size_t table, const IsCompared& is_compared) {
    const Table& facts = schema.tables[table];
    TableSlots slots;
    slots.table = table;
    const auto takes = [&](std::size_t column) {
        return !facts.columns[column].generated && is_compared(facts, &facts.columns[column]);
    };
    for (const std::size_t column : facts.key) {
        if (takes(column)) slots.columns.push_back(column);
    }
    slots.is_bag =
        facts.key_kind == KeyKind::kNone || slots.columns.size() != facts.key.size() || !is_compared(facts, nullptr);
    slots.key_size = slots.is_bag ? 0 : slots.columns.size();
    for (std::size_t column = 0; column < facts.columns.size(); ++column) {
        if (!facts.is_key_column(column) && takes(column)) slots.columns.push_back(column);
    }
    return slots;
}

std::pair<TableSlots, TableSlots> match_slots(const Schema& a, std::size_t in_a, const Schema& b, std::size_t in_b,
                                              const IsCompared& is_compared) {
    const Table& table_a = a.tables[in_a];
    const Table& table_b = b.tables[in_b];
    const bool same_key = table_a.key_kind == table_b.key_kind && key_names(table_a) == key_names(table_b);
    TableSlots slots_a = slots_of(a, in_a, [&](const Table& table, const Column* column) {
        if (column == nullptr) return same_key && is_compared(table, nullptr);
        return stored_column(table_b, column->name) && is_compared(table, column);
    });
    TableSlots slots_b = slots_a;
    slots_b.table = in_b;
    for (std::size_t& column : slots_b.columns)
        column = *stored_column(table_b, table_a.columns[column].name);
    return {std::move(slots_a), std::move(slots_b)};
}

void append_row_key(std::string& out, const TableSlots& slots, const DiffRow& row) {
    const std::size_t count = slots.is_bag ? row.slots.size() : slots.key_size;
    for (std::size_t i = 0; i < count; ++i)
        append_sort_key(out, row.slots[i].value);
    if (row.row_number) append_sort_key(out, Value::integer(*row.row_number));
    if (!slots.is_bag) return;
    pack_row_number(out, row.row_number);
    for (const Slot& slot : row.slots)
        pack_slot(out, slot);
}

std::unique_ptr<RowStream> open_table_rows(Connection& connection, const TableSlots& slots) {
    const Table& table = connection.schema().tables[slots.table];
    // Where texts are in another order, only numbers are in ours: a column that is said to hold them may hold texts,
    // unless the engine numbers the rows.
    const bool in_order = !slots.is_bag && (connection.capabilities().utf8_order || table.key.empty() ||
                                            (table.key.size() == 1 && table.numbers_rows));
    if (in_order) return std::make_unique<OrderedRows>(connection, slots);
    return std::make_unique<SortedRows>(connection, slots);
}

std::unique_ptr<RowStream> open_pairs(Connection& connection, const TableSlots& slots) {
    return std::make_unique<SortedRows>(connection, slots);
}

}  // namespace dbfixture
