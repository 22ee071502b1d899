// SPDX-License-Identifier: MIT
// What a state of kind "copy" is made of, as the database has it now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"
#include "db/postgres/transaction.h"

namespace dbfixture::postgres {

// A table with rows of its own: of relkind 'r', a partition too. Of all schemas but the server's and ours; without
// those of extensions.
struct LiveTable {
    Oid oid = 0;
    Oid root = 0;  // of a partition: the table that it is a part of; else its own
    std::string schema, name;
    std::string sql_name;  // "schema"."name"
    // attnum, name, type, and the labels of an enumeration, of each column: rows of equal texts are of equal meaning.
    std::string columns;
    std::vector<std::string> key;  // names of what addresses a row; empty if there is nothing
    std::uint64_t bytes = 0;
    bool can_select = true, can_lock = true;
    bool row_security = false;  // policies hide rows from this role
    bool packable = false;      // its rows' texts are read as the same rows
};

struct LiveTables {
    std::vector<LiveTable> tables;  // by schema and name
    struct Other {
        Oid oid = 0, root = 0;
        char kind = 'p';  // 'p' partitioned, 'f' foreign
        std::string schema, name, sql_name;
    };
    std::vector<Other> others;  // without rows of their own
};

LiveTables read_live_tables(Session& session);

// Begins `transaction` and locks all of them in it against writers and DDL, in one statement, and returns them as they
// are then. Throws kBusy, naming who holds them, after the session's busy timeout for all of them together; kFailure,
// by name, for a table that this role cannot read whole or not lock.
LiveTables lock_live_tables(Session& session, std::optional<Transaction>& transaction);

// Of names with chr(31) between them, which is how SQL here gives back a list of them.
std::vector<std::string> split_names(std::string_view text);

// SQL, one text: a digest of such rows, equal for equal schemas; `source` is for FROM, without an alias. Of the live
// schema: schema_digest(cat("(", schema_objects_query(), ")")).
std::string schema_digest(const std::string& source);

}  // namespace dbfixture::postgres
