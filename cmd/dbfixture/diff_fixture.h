// SPDX-License-Identifier: MIT
// What diff found, as a fixture in table layout: the rows of A that B does not have so. Loaded into B, it makes B hold
// them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fixture/format.h"
#include "layout/table/dump.h"
#include "ops/diff/diff.h"

namespace dbfixture {

class DiffFixture final : public DiffSink {
  public:
    explicit DiffFixture(RecordWriter& writer) : writer_(writer) {}

    void take(const OtherDifference& difference) override;
    void begin_table(const ComparedTable& table) override { table_ = &table; }
    void take(const RowDifference& difference) override;
    void end_table(const TableCount& count) override;
    void not_compared(const std::string& table, const std::string& reason) override;

    std::uint64_t records() const { return records_; }
    // What the fixture does not do, as sentences.
    std::vector<std::string> warnings() const;

  private:
    // One that writes rows of these columns; the key is among them, or not.
    struct Pusher {
        std::vector<std::size_t> columns;
        std::unique_ptr<RecordPusher> push;
    };
    Pusher& pusher_for(const std::vector<std::size_t>& columns, bool with_key);

    RecordWriter& writer_;
    const ComparedTable* table_ = nullptr;
    std::map<std::pair<std::vector<std::size_t>, bool>, Pusher> pushers_;
    std::uint64_t records_ = 0, staying_ = 0, patterns_ = 0, others_ = 0;
    std::vector<std::string> not_compared_;
};

}  // namespace dbfixture
