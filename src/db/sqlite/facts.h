// SPDX-License-Identifier: MIT
// What only SQLite knows of a table, kept beside the portable Schema and indexed like Schema::tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/schema.h"

namespace dbfixture::sqlite {

struct Index {
    std::string name;
    std::string sql;  // empty for the index of a constraint
    bool unique = false;
    bool plain_columns = true;  // no expression and no WHERE: cannot fail but for uniqueness
    std::vector<std::size_t> columns;
    std::vector<std::string> collations;  // parallel to columns
};

struct TableFacts {
    std::string rowid;  // a name that reaches the rowid ("rowid", "_rowid_", "oid"); empty if none does
    std::optional<std::size_t> rowid_column;  // the INTEGER PRIMARY KEY column
    bool without_rowid = false;
    bool strict = false;
    std::string module;          // of a virtual table, lower case
    bool full_text = false;      // FTS3, FTS4 or FTS5
    std::vector<Index> indexes;  // in the order of creation
    std::vector<std::string> triggers;
};

struct Catalog {
    Schema schema;
    std::vector<TableFacts> facts;
    std::int64_t version = -1;  // PRAGMA schema_version, -1 when not read yet
};

}  // namespace dbfixture::sqlite
