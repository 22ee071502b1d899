// SPDX-License-Identifier: MIT
// What diff found, for people: "+" only in B, "-" only in A, "~" different, with the value of A and that of B.
#pragma once

#include <string>
#include <vector>

#include "ops/diff/diff.h"
#include "report.h"

namespace dbfixture {

struct DiffTextStyle {
    bool color = false;
    bool stat = false;        // counts by table in place of rows
    std::uint64_t limit = 0;  // rows of a table; 0: all
};

class DiffText final : public DiffSink {
  public:
    DiffText(Report& report, DiffTextStyle style, std::string name_a, std::string name_b)
        : report_(report), style_(style), name_a_(std::move(name_a)), name_b_(std::move(name_b)) {}

    void take(const OtherDifference& difference) override;
    void begin_table(const ComparedTable& table) override;
    void take(const RowDifference& difference) override;
    void end_table(const TableCount& count) override;
    void not_compared(const std::string& table, const std::string& reason) override;

  private:
    void say(char mark, const std::string& line);
    void say_names();

    Report& report_;
    DiffTextStyle style_;
    std::string name_a_, name_b_;
    const ComparedTable* table_ = nullptr;
    std::uint64_t shown_ = 0;
    bool named_ = false;
};

// "1 row added, 2 removed"
std::string describe_counts(const TableCount& count);
// The last line: what was compared, and whether it is equal.
std::string describe_result(const DiffReport& report);

}  // namespace dbfixture
