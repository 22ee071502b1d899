// SPDX-License-Identifier: MIT
#include "ops/diff/lookup_overlay.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "model/copy_value.h"

namespace dbfixture {
namespace {

class OverlayLookup final : public RowLookup {
  public:
    OverlayLookup(std::unique_ptr<RowLookup> inner, const std::unique_ptr<CapturedTable>& table, const bool& complete,
                  std::span<const std::size_t> by, std::span<const std::size_t> columns)
        : inner_(std::move(inner)),
          table_(table),
          complete_(complete),
          by_(by.begin(), by.end()),
          columns_(columns.begin(), columns.end()) {}

    std::span<const LookupAnswer> find(std::span<const Value> wanted) override {
        const std::span<const LookupAnswer> found = inner_->find(wanted);
        answers_.assign(found.begin(), found.end());
        if (!complete_ || by_.empty() || !table_ || table_->is_lists) return answers_;
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            if (answers_[i].rows == 0) answers_[i] = find_captured(wanted.subspan(i * by_.size(), by_.size()));
        }
        return answers_;
    }

  private:
    static std::string identity(std::span<const Value> values) {
        std::string out;
        for (const Value& value : values)
            pack_value_slot(out, value);
        return out;
    }

    LookupAnswer find_captured(std::span<const Value> wanted) {
        if (!indexed_) index();
        const auto found = rows_.find(identity(wanted));
        return found == rows_.end() ? LookupAnswer() : LookupAnswer{found->second.count, found->second.values};
    }

    // Slots of the columns; nothing if one of them is not compared.
    std::optional<std::vector<std::size_t>> slots_of(const std::vector<std::size_t>& columns) const {
        std::vector<std::size_t> out;
        for (const std::size_t column : columns) {
            const auto& all = table_->slots.columns;
            const auto at = std::find(all.begin(), all.end(), column);
            if (at == all.end()) return std::nullopt;
            out.push_back(static_cast<std::size_t>(at - all.begin()));
        }
        return out;
    }

    void index() {
        indexed_ = true;
        const auto by = slots_of(by_), columns = slots_of(columns_);
        if (!by || !columns) return;
        DiffRow row;
        StreamedRow read;
        const auto stream = table_->rows.read();
        while (stream->next(read)) {
            unpack_row(read.row, row);
            std::vector<Value> key, values;
            const auto collect = [&row](const std::vector<std::size_t>& slots, std::vector<Value>& out) {
                for (const std::size_t slot : slots) {
                    if (row.slots[slot].state != SlotState::kValue) return false;
                    out.push_back(row.slots[slot].value);
                }
                return true;
            };
            if (!collect(*by, key) || !collect(*columns, values)) continue;
            Found& found = rows_[identity(key)];
            if (++found.count > 1) {
                found.count = 2;
                continue;
            }
            for (const Value& value : values)
                found.values.push_back(copy_value(value, arena_));
        }
    }

    struct Found {
        int count = 0;
        std::vector<Value> values;
    };
    std::unique_ptr<RowLookup> inner_;
    const std::unique_ptr<CapturedTable>& table_;
    const bool& complete_;
    std::vector<std::size_t> by_, columns_;
    std::vector<LookupAnswer> answers_;
    bool indexed_ = false;
    std::unordered_map<std::string, Found> rows_;
    Arena arena_;
};

}  // namespace

std::unique_ptr<RowLookup> LookupOverlay::open_lookup(std::size_t table, std::span<const std::size_t> by,
                                                      std::span<const std::size_t> columns) {
    return std::make_unique<OverlayLookup>(inner_.open_lookup(table, by, columns), tables_[table], complete_, by,
                                           columns);
}

}  // namespace dbfixture
