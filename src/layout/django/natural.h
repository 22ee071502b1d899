// SPDX-License-Identifier: MIT
// Natural keys: from the value that a foreign key holds to the key's parts, and back.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "db/connection.h"
#include "layout/django/models.h"
#include "layout/django/value.h"

namespace dbfixture {

class NaturalKeyWriter {
  public:
    NaturalKeyWriter(Connection& connection, const DjangoModels& models, DjangoWriteRules rules)
        : connection_(connection), models_(models), rules_(rules) {}

    bool has_key(std::size_t table) const { return models_.writes_natural_key(table); }
    // The natural key, as a list, of the row of target.table whose target.column is `value`. Nothing if there is no
    // such row. Points into `arena`.
    std::optional<Value> of_row(const DjangoTarget& target, const Value& value, Arena& arena);
    // Models whose natural key was inferred, and was written.
    const std::set<std::size_t>& inferred() const { return inferred_; }

  private:
    bool append_parts(const DjangoTarget& target, const Value& value, std::vector<Value>& parts, Arena& arena);

    Connection& connection_;
    const DjangoModels& models_;
    DjangoWriteRules rules_;
    std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<RowLookup>> lookups_;
    std::set<std::size_t> inferred_;
};

}  // namespace dbfixture
