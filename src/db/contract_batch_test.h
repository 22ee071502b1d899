// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "db/contract_engine_test.h"

namespace dbfixture {

// Rows of one table with the columns given, to be written in one go.
class Batch {
  public:
    Batch(Connection& connection, const std::string& table, const std::vector<std::string>& columns)
        : table_(*connection.schema().find(table)) {
        for (const std::string& name : columns)
            columns_.push_back(static_cast<std::uint16_t>(*connection.schema().tables[table_].find_column(name)));
    }
    Batch& add(std::vector<Value> values, RowAddress address = RowAddress::kKey) {
        values_.push_back(std::move(values));
        addresses_.push_back(address);
        return *this;
    }
    std::vector<BoundRow> rows() const {
        std::vector<BoundRow> out;
        for (const std::vector<Value>& values : values_) {
            BoundRow row;
            row.table = static_cast<std::uint32_t>(table_);
            row.address = addresses_[out.size()];
            row.columns = columns_;
            row.values = values;
            row.origin = {0, static_cast<std::uint32_t>(out.size() + 1) * 10,
                          static_cast<std::uint32_t>(out.size() + 1)};
            out.push_back(row);
        }
        return out;
    }
    std::size_t table() const { return table_; }

  private:
    std::size_t table_;
    std::vector<std::uint16_t> columns_;
    std::vector<std::vector<Value>> values_;
    std::vector<RowAddress> addresses_;
};

}  // namespace dbfixture
