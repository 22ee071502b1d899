// SPDX-License-Identifier: MIT
#include "ops/diff/paired_rows.h"

namespace dbfixture {

PairedRows::PairedRows(Connection& connection, const TableSlots& slots)
    : connection_(connection),
      slots_(slots),
      rows_(open_table_rows(connection, slots)),
      passed_(RowSorter::kMemory / 8) {
    advance();
}

bool PairedRows::match(const StreamedRow& row) {
    ++records_;
    last_key_.assign(row.key);
    for (; more_ && next_.key < row.key; advance())
        passed_.add(next_);
    if (!more_ || next_.key != row.key) return false;
    const bool same = next_.row == row.row;
    if (!same) passed_.add(next_);
    advance();
    return same;
}

void PairedRows::give_back(const std::function<void(const StreamedRow& row)>& use) {
    const auto all = open_table_rows(connection_, slots_);
    const auto passed = passed_.read();
    StreamedRow row, left;
    bool has_left = passed->next(left);
    while (all->next(row) && row.key <= last_key_) {
        if (has_left && left.key == row.key) {
            has_left = passed->next(left);
        } else {
            use(row);
        }
    }
}

class PairedRows::Rest final : public RowStream {
  public:
    explicit Rest(PairedRows& pairs) : pairs_(pairs), passed_(pairs.passed_.read()) {}
    bool next(StreamedRow& row) override {
        if (passed_ && passed_->next(row)) return true;
        passed_.reset();
        if (taken_) pairs_.advance();
        taken_ = true;
        row = pairs_.next_;
        return pairs_.more_;
    }

  private:
    PairedRows& pairs_;
    std::unique_ptr<RowStream> passed_;
    bool taken_ = false;  // the row that waits in pairs_
};

std::unique_ptr<RowStream> PairedRows::rest() {
    return std::make_unique<Rest>(*this);
}

}  // namespace dbfixture
