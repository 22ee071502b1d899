// SPDX-License-Identifier: MIT
#include "db/sqlite/foreign_key_shape.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "db/sqlite/failure.h"
#include "db/sqlite/sql_text.h"

namespace dbfixture::sqlite {
namespace {

using Columns = std::vector<std::size_t>;

bool same_set(Columns a, Columns b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

// A key that compares in its own way is a parent key only for references that name no columns.
bool is_unique_in(const Table& parent, const TableFacts& facts, const Columns& columns, bool named) {
    if (same_set(parent.key, columns) && (!named || facts.key_collations.empty())) return true;
    return std::any_of(facts.indexes.begin(), facts.indexes.end(), [&](const Index& index) {
        return index.unique && index.plain_columns && index.default_collations && same_set(index.columns, columns);
    });
}

}  // namespace

void resolve_foreign_key(const Catalog& catalog, const TableFinder& finder, ForeignKey& key) {
    key.parent = finder.find(key.parent_name);
    if (!key.parent) {
        key.problem = cat("table ", quote(key.parent_name), " does not exist");
        return;
    }
    const Table& parent = catalog.schema.tables[*key.parent];
    if (parent.columns.empty() && !parent.unreadable.empty()) {
        key.problem = cat("table ", quote(key.parent_name), " cannot be opened by this build");
        return;
    }
    const bool named = !key.parent_columns.empty();
    if (!named) {
        for (const std::size_t column : parent.key)
            key.parent_columns.push_back(parent.columns[column].name);
    }
    if (key.parent_columns.size() != key.columns.size()) {
        key.problem = cat("it has ", plural(key.columns.size(), "column"), ", the key of ", quote(key.parent_name),
                          " has ", key.parent_columns.size());
        return;
    }
    Columns columns;
    for (const std::string& name : key.parent_columns) {
        const auto column = parent.find_column(name);
        if (!column) {
            key.problem = cat("table ", quote(key.parent_name), " has no column ", quote(name));
            return;
        }
        columns.push_back(*column);
    }
    if (!is_unique_in(parent, catalog.facts[*key.parent], columns, named)) {
        key.problem = cat("table ", quote(key.parent_name), " has no unique index on ", quote_list(key.parent_columns));
    }
}

std::string referring_rows(const Catalog& catalog, std::size_t child, std::size_t parent, const ForeignKey& key) {
    const Table& from = catalog.schema.tables[child];
    const Table& to = catalog.schema.tables[parent];
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const auto column = to.find_column(key.parent_columns[i]);
        if (!column) return {};
        terms.push_back(cat("p.", quote_identifier(to.columns[*column].name), " = +c.",
                            quote_identifier(from.columns[key.columns[i]].name)));
    }
    return cat("SELECT 1 FROM ", qualified(from.name), " AS c JOIN ", qualified(to.name), " AS p ON ",
               conjunction(terms));
}

}  // namespace dbfixture::sqlite
