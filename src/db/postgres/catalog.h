// SPDX-License-Identifier: MIT
// What only PostgreSQL knows of a database, kept beside the portable Schema and indexed like Schema::tables and
// Table::columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/schema.h"

namespace dbfixture::postgres {

using Oid = std::uint32_t;

// How values of a type are read (value_text.h).
enum class ValueForm : std::uint8_t {
    kBoolean,
    kInteger,  // int2, int4, int8, oid
    kReal,     // float4, float8
    kDecimal,  // numeric
    kBytes,    // bytea
    kJsonb,    // jsonb: the server's spelling without its spaces, which is the one that reading gives back (DESIGN 2)
    kText,     // everything else, in the server's own spelling
};

struct ColumnFacts {
    int number = 0;     // attnum
    Oid type = 0;       // as declared: of a domain, the domain's
    Oid base_type = 0;  // domains resolved
    int type_modifier = -1;
    std::string base_type_name;  // of base_type, without a modifier: what texts are cast to for comparing
    std::string type_name;       // for casts and for columns of staging tables: with its modifier, schema and quotes
    ValueForm form = ValueForm::kText;
    bool ordered_by_value =
        false;               // ORDER BY gives binary order (with COLLATE "C" where `collated`); else its text does
    bool collated = false;   // in another order than the bytes'
    bool padded = false;     // with spaces, which ORDER BY leaves out of account
    bool comparable = true;  // its type has an "=" that says whether values are equal
    char identity = '\0';    // 'a' always, 'd' by default
    bool has_default = false;
    std::optional<std::size_t> sequence;  // index into Catalog::sequences: that its numbers come from: its identity,
                                          // what its default calls, else its own
};

// 'p' primary key, 'u' unique, 'x' exclusion.
struct ConstraintFacts {
    Oid oid = 0;
    char kind = 'u';
    std::string name;
    bool deferrable = false;
    bool deferred = false;             // initially
    std::vector<std::size_t> columns;  // without those that are only included; of an exclusion, what is plain in it
    Oid index = 0;
};

// Parallel to Table::foreign_keys.
struct ForeignKeyFacts {
    Oid oid = 0;
    Oid on_table = 0;           // the table itself, or the partition that carries it where the root has none
    std::string on_table_name;  // quoted, with its schema
    std::string name;
    bool deferrable = false;
    bool deferred = false;
    bool validated = true;
    bool match_full = false;
    bool actions = false;  // ON DELETE or ON UPDATE does something
    Oid parent_oid = 0;    // also of a parent outside of the schema
};

struct IndexFacts {
    Oid oid = 0;
    std::string schema, name;
    bool unique = false;
    bool primary = false;
    bool constraint = false;  // belongs to one: never dropped by itself
    bool plain = false;       // columns only, no expression, no predicate
    bool valid = true;
    bool immediate = true;  // else deferrable
    bool replica_identity = false;
    bool clustered = false;
    std::vector<std::size_t> columns;  // of a plain one, without those that are only included
};

// A rule's, too.
struct TriggerFacts {
    std::string name;
    char enabled = 'O';  // 'O' ordinary, 'A' always, 'R' replica, 'D' disabled
};

struct TableFacts {
    Oid oid = 0;
    char kind = 'r';          // pg_class.relkind: 'r', 'p' partitioned, 'f' foreign
    std::string sql_name;     // "schema"."name": the only name of it for SQL
    std::string read_source;  // the same with ONLY where tables inherit from it; of a view of saved rows (connection.h)
                              // any source: for FROM, with an alias behind it
    bool foreign = false;     // another server keeps its rows, or a partition's: never written
    std::vector<Oid> leaves;  // of a partitioned table: its partitions that hold rows
    bool owned = false;       // this role may ALTER it
    bool can_use_schema = true;
    bool can_select = true;  // and use its schema
    bool can_insert = false, can_update = false, can_delete = false, can_truncate = false;
    bool row_security = false;  // policies hide rows from this role
    double estimated_rows = -1;
    std::vector<ColumnFacts> columns;
    std::vector<ConstraintFacts> constraints;
    std::vector<ForeignKeyFacts> foreign_keys;
    std::vector<IndexFacts> indexes;
    std::vector<TriggerFacts> triggers;  // of users, disabled ones too; of partitions as well
    std::vector<TriggerFacts> rules;     // enabled, that rewrite INSERT, UPDATE or DELETE
};

struct SequenceFacts {
    Oid oid = 0;
    std::string sql_name;     // "schema"."name"
    std::string read_source;  // for FROM, with an alias behind it: last_value, is_called
    std::string schema, name;
    std::int64_t start = 1, increment = 1, least = 1, most = 0, cache = 1;
    bool cycles = false;
    bool owned = false;       // this role may ALTER it
    bool can_update = false;  // setval()
    bool can_read = false;
    struct User {
        std::size_t table, column;
    };
    std::vector<User> users;  // all columns that it numbers
};

struct Catalog {
    Schema schema;
    std::vector<TableFacts> facts;
    std::vector<SequenceFacts> sequences;
    std::vector<std::string> search_path;  // the schemas of it that exist, the first is Schema::default_schema
};

}  // namespace dbfixture::postgres
