// SPDX-License-Identifier: MIT
// What only MariaDB and MySQL know of a database, kept beside the portable Schema and indexed like Schema::tables and
// Table::columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/mariadb/value_form.h"
#include "model/schema.h"

namespace dbfixture::mariadb {

struct ColumnFacts {
    ValueForm form = ValueForm::kText;
    std::string type;                      // for columns of temporary tables: with its character set and collation
    std::string charset;                   // "" where the column holds no text
    bool doubtful = false;                 // it has characters that Unicode may not have
    bool as_text = false;                  // ORDER BY gives another order than that of the text's bytes
    bool is_long = false;                  // beyond what ORDER BY looks at
    int digits = 0;                        // of a time's fraction
    std::vector<std::string> members;      // of an enumeration or a set
    std::optional<std::uint64_t> longest;  // characters of a text, bytes of bytes
    bool counts_bytes = false;             // of a text: `longest` is one of bytes
    bool fixed = false;                    // char, binary: the server pads what is shorter
    std::optional<int> real_scale;         // of a real: digits behind the point
    bool auto_increment = false;
    bool has_default = false;  // or is null, or numbered, where a row leaves it out
};

struct IndexFacts {
    std::string name;
    bool unique = false;
    bool plain = true;  // whole columns only
    std::vector<std::size_t> columns;
};

// Parallel to Table::foreign_keys.
struct ForeignKeyFacts {
    std::string name;
    std::string parent_database, parent_table;
};

struct TriggerFacts {
    std::string name;
    char event = 'I';  // 'I' INSERT, 'U' UPDATE, 'D' DELETE
};

struct TableFacts {
    std::string sql_name;  // quoted
    std::string engine;
    bool transactional = true;
    bool of_one_node = false;  // of a cluster: what is written to it is not replicated to the others
    bool versioned = false;    // keeps its history
    std::vector<ColumnFacts> columns;
    std::vector<IndexFacts> indexes;
    std::vector<ForeignKeyFacts> foreign_keys;
    std::vector<TriggerFacts> triggers;
    // The number of the next row, of a table that numbers a column.
    std::optional<std::uint64_t> next_number;

    bool has_trigger(char event) const;
    std::optional<std::size_t> numbered_column() const;
};

// A foreign key of a table in another database to one of these.
struct ChildElsewhere {
    std::size_t parent = 0;
    std::string child;  // "database.table", for people
};

struct Catalog {
    Schema schema;
    std::vector<TableFacts> facts;
    std::vector<ChildElsewhere> children_elsewhere;
};

}  // namespace dbfixture::mariadb
