// SPDX-License-Identifier: MIT
// What diff found, as members of a document that is open.
#pragma once

#include "fixture/json/document.h"
#include "ops/diff/diff.h"

namespace dbfixture {

class DiffJson final : public DiffSink {
  public:
    // At most `limit` rows of a table are listed, so that the document stays in bounds; all are counted. None are with
    // `stat`.
    DiffJson(JsonText& json, bool stat, std::uint64_t limit) : json_(json), limit_(stat ? 0 : limit) {}

    void take(const OtherDifference& difference) override { others_.push_back(difference); }
    void begin_table(const ComparedTable& table) override;
    void take(const RowDifference& difference) override;
    void end_table(const TableCount& count) override;
    void not_compared(const std::string& table, const std::string& reason) override {
        not_compared_.emplace_back(table, reason);
    }
    // Before the first table, and after the last.
    void begin(std::string_view name = "tables") { json_.key(name).begin_list(); }
    void end() { json_.end_list(); }
    // After end(): all that belongs to no table.
    void finish(const DiffReport& report);

  private:
    void add_fields(const RowDifference& difference);

    JsonText& json_;
    std::uint64_t limit_;
    const ComparedTable* table_ = nullptr;
    std::uint64_t listed_ = 0;
    std::vector<OtherDifference> others_;
    std::vector<std::pair<std::string, std::string>> not_compared_;
};

}  // namespace dbfixture
