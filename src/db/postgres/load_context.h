// SPDX-License-Identifier: MIT
// What the parts of one load share.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "db/connection.h"
#include "db/postgres/catalog.h"
#include "db/postgres/load_operators.h"
#include "db/postgres/session.h"
#include "db/row_log.h"

namespace dbfixture::postgres {

struct LoadContext {
    Session& session;
    const Catalog& catalog;
    const LoadOptions& options;
    bool scratch = false;
    Operators operators;
    RowLog log = {};
    LoadReport report = {};
    std::set<std::size_t> deleted_from = {};  // tables that lost rows for good
    int temporary_tables = 0;

    const Table& table(std::size_t index) const { return catalog.schema.tables[index]; }
    const TableFacts& facts(std::size_t index) const { return catalog.facts[index]; }
    TableCounts& counts(std::size_t index) { return report.tables[index]; }
    // Makes a temporary table of these columns ("a int, b text"), gone with the transaction; returns its name for SQL.
    // Throws kRefused where this role may not.
    std::string temporary_table(const std::string& columns);
    Where place(const Origin& origin) const {
        return {origin.file < options.files.size() ? options.files[origin.file] : std::string(),
                origin.line,
                origin.record,
                {},
                {},
                {}};
    }
    Error reworded(Error error) const {
        if (options.reword) options.reword(error);
        return error;
    }
};

}  // namespace dbfixture::postgres
