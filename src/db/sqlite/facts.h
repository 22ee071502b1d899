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
    bool default_collations = true;       // they are those of the columns: it can be a parent key
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
    // Of each column of Table::key, where the key compares it otherwise than the column does; else "". Empty: nowhere.
    std::vector<std::string> key_collations;
    std::vector<std::string> key_compares;       // the collation of each, whoever decides it; empty: BINARY
    std::vector<std::string> unparsed_triggers;  // what is said about each that is not understood here
    std::string unwritable;    // why its rows must not change although they can be read; "" if they may
    bool not_indexed = false;  // an index lacks something here: reading must not use it
    bool rowid_apart =
        false;  // SQLite reads at most as many columns at once as a table may have: no room for the rowid
};

struct Catalog {
    Schema schema;
    std::vector<TableFacts> facts;
    std::int64_t version = -1;      // PRAGMA schema_version, -1 when not read yet
    std::string unparsed_triggers;  // why no trigger may fire, "" if they may
};

}  // namespace dbfixture::sqlite
