// SPDX-License-Identifier: MIT
// What the parts of one load share.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "db/connection.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/origin_log.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

struct LoadContext {
    Handle handle;
    const Catalog& catalog;
    const LoadOptions& options;
    OriginLog origins;
    LoadReport report;
    std::set<std::size_t> deleted_from = {};  // tables that lost rows for good

    const Table& table(std::size_t index) const { return catalog.schema.tables[index]; }
    const TableFacts& facts(std::size_t index) const { return catalog.facts[index]; }
    Where place(const Origin& origin) const {
        return {origin.file < options.files.size() ? options.files[origin.file] : std::string(),
                origin.line,
                origin.record,
                {},
                {},
                {}};
    }
};

// The error for a row that SQLite refused with the (extended) result `code`, in plain words, with its place.
Error row_error(const LoadContext& context, const BoundRow& row, int code);

}  // namespace dbfixture::sqlite
