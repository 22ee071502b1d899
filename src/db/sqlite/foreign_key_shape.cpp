// SPDX-License-Identifier: MIT
#include "db/sqlite/foreign_key_shape.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

using Columns = std::vector<std::size_t>;

bool same_set(Columns a, Columns b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

bool is_unique_in(const Table& parent, const TableFacts& facts, const Columns& columns) {
    if (same_set(parent.key, columns)) return true;
    return std::any_of(facts.indexes.begin(), facts.indexes.end(), [&](const Index& index) {
        return index.unique && index.plain_columns && same_set(index.columns, columns);
    });
}

}  // namespace

void resolve_foreign_key(const Catalog& catalog, ForeignKey& key) {
    const auto found = catalog.schema.find(key.parent);
    if (!found) {
        key.problem = cat("table ", quote(key.parent), " does not exist");
        return;
    }
    const Table& parent = catalog.schema.tables[*found];
    if (key.parent_columns.empty()) {
        for (const std::size_t column : parent.key)
            key.parent_columns.push_back(parent.columns[column].name);
    }
    if (key.parent_columns.size() != key.columns.size()) {
        key.problem = cat("it has ", plural(key.columns.size(), "column"), ", the key of ", quote(key.parent), " has ",
                          key.parent_columns.size());
        return;
    }
    Columns columns;
    for (const std::string& name : key.parent_columns) {
        const auto column = parent.find_column(name);
        if (!column) {
            key.problem = cat("table ", quote(key.parent), " has no column ", quote(name));
            return;
        }
        columns.push_back(*column);
    }
    if (!is_unique_in(parent, catalog.facts[*found], columns)) {
        key.problem = cat("table ", quote(key.parent), " has no unique index on ", quote_list(key.parent_columns));
    }
}

}  // namespace dbfixture::sqlite
