// SPDX-License-Identifier: MIT
// Sums over the rows of small tables. A plain COPY of such a table costs a third of the cheapest SELECT, since it opens
// no index and plans nothing; equal sums mean equal rows, whatever transactions they bear.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "db/postgres/restore_batch.h"
#include "db/postgres/saved_write.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Tables of more rows are not summed.
inline constexpr std::uint64_t kMostSummed = 200;

// Of rows in any order.
class RowSum {
  public:
    void add(std::string_view row);
    std::string text() const;
    std::uint64_t rows() const { return rows_; }

  private:
    std::uint64_t rows_ = 0, sum_ = 0;
};

// SQL: what its rows are summed from.
std::string copy_rows(const std::string& sql_name);

// Of the parts of a state that are of the database as it is, in its transaction: into the schema that holds the state.
void save_sums(Session& session, const std::string& object, const std::vector<StatePart>& parts);

}  // namespace dbfixture::postgres
