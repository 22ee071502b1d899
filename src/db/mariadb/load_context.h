// SPDX-License-Identifier: MIT
// What the parts of one load share.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "db/connection.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"
#include "db/row_log.h"

namespace dbfixture::mariadb {

// A row of a load. Columns and values belong to somebody else.
struct SentRow {
    std::uint32_t table = 0;
    Origin origin{};
    std::uint64_t number = 0;                // in the log; 0: it is not there
    bool keyed = false;                      // all of its key is among `columns`
    bool numbered = false;                   // the load itself chose its key
    bool large = false;                      // more than fits into a message: it goes alone
    std::span<const std::uint16_t> columns;  // ascending
    std::span<const Value> values;

    // nullptr where the row leaves the column out.
    const Value* find(std::size_t column) const;
};

struct LoadContext {
    Session& session;
    const Catalog& catalog;
    const LoadOptions& options;
    bool scratch = false;
    RowLog log = {};
    LoadReport report = {};
    std::set<std::size_t> deleted_from = {};  // tables that lost rows for good
    std::vector<std::string> temporary = {};  // tables of the load, quoted

    const Table& table(std::size_t index) const { return catalog.schema.tables[index]; }
    const TableFacts& facts(std::size_t index) const { return catalog.facts[index]; }
    TableCounts& counts(std::size_t index) { return report.tables[index]; }
    // Makes a temporary table of these columns ("a int, b text"); returns its name for SQL. It does not end the
    // transaction. Throws kRefused where this user may not.
    std::string temporary_table(const std::string& columns);
    // The columns' names and types, as "k0 int NULL, k1 ...", the first letter given.
    std::string typed_columns(std::size_t table, std::span<const std::size_t> columns, char letter) const;
    // What makes a query see what is committed now, where the transaction's own view may be older.
    std::string_view now() const { return session.server().reads_committed ? "" : " LOCK IN SHARE MODE"; }
    Where place(const Origin& origin) const;
    Error reworded(Error error) const {
        if (options.reword) options.reword(error);
        return error;
    }
};

// Whether all of a row's key is there, and without NULL.
bool has_key(const LoadContext& context, const SentRow& row);
// The values of a row's key, or nothing where it is not all there.
std::optional<std::vector<Value>> key_of(const LoadContext& context, const SentRow& row);

}  // namespace dbfixture::mariadb
