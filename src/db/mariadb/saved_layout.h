// SPDX-License-Identifier: MIT
// The database that holds a state of kind "copy": tables of fixed names, and the copies. Private to this folder, and to
// the version of the program that `state` names: another one is refused.
//
//     state      one row, written in the transaction that filled the copies: what the state is of
//     tables     one row for each table of the database
//     objects    what the schema defined (Connection::schema_objects), to say what differs
//     blocks     digests of the rows of each copy (block_digest.h), in key order, many in one row
//     programs   views, programs and triggers as they would be made anew (clone_source.h)
//     rebuild    is there while the schema of the database is being made anew from the state (rebuild_copy.cpp)
//     t<number>  the copies, of InnoDB: all columns, those that are generated, too; the primary key and no other index
//
//     counters   one row from the COMMIT of a restore on until the database's counters are those of the state, too
//
//  1. Nothing else of it changes after that transaction.
//  2. `digest` of `tables` is the SQL that its blocks are digests of (saved_scan.h): while the table is defined as it
//     was, it says the same of rows, and nobody needs to ask what columns there are.
//  3. A state may be a difference: tables.kept_in then names the database below that has the table's rows, under the
//     number kept_as there. Everything else is in the topmost database.
#pragma once

#include <string>
#include <string_view>

#include "base/cat.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {

inline constexpr int kSavedLayoutVersion = 3;

inline std::string copy_name(const std::string& object, int number) {
    return quote_identifier(object, cat("t", number));
}

inline std::string saved_part(const std::string& object, std::string_view part) {
    return quote_identifier(object, part);
}

inline constexpr std::string_view kStateColumns =
    " (version INT NOT NULL, name VARBINARY(300) NOT NULL, tool VARBINARY(100) NOT NULL, charset VARBINARY(100) NOT "
    "NULL, "
    "collation VARBINARY(100) NOT NULL) ENGINE = InnoDB";
inline constexpr std::string_view kTablesColumns =
    " (number INT PRIMARY KEY, name VARBINARY(300) NOT NULL, row_count BIGINT UNSIGNED NOT NULL, bytes BIGINT UNSIGNED "
    "NOT NULL, next_number BIGINT UNSIGNED, kept_in VARBINARY(300) NOT NULL, kept_as INT NOT NULL, checksum BIGINT "
    "UNSIGNED, digest LONGBLOB NOT NULL, by_primary INT NOT NULL) ENGINE = InnoDB";
inline constexpr std::string_view kCountersColumns = " (pending INT PRIMARY KEY) ENGINE = InnoDB";
inline constexpr std::string_view kBlocksColumns =
    " (number INT NOT NULL, part INT NOT NULL, digests LONGBLOB NOT NULL, PRIMARY KEY (number, part)) ENGINE = InnoDB";
inline constexpr std::string_view kObjectsColumns =
    " (kind VARBINARY(30) NOT NULL, name VARBINARY(300) NOT NULL, definition LONGBLOB NOT NULL) ENGINE = InnoDB";
inline constexpr std::string_view kProgramsColumns =
    " (number INT PRIMARY KEY, kind INT NOT NULL, name VARBINARY(300) NOT NULL, text LONGBLOB NOT NULL, sql_mode "
    "VARBINARY(2000) NOT NULL, client_charset VARBINARY(100) NOT NULL, connection_collation VARBINARY(100) NOT NULL, "
    "database_collation VARBINARY(100) NOT NULL, time_zone VARBINARY(100) NOT NULL, of_table VARBINARY(300) NOT NULL, "
    "moment VARBINARY(30) NOT NULL) ENGINE = InnoDB";
inline constexpr std::string_view kRebuildColumns = " (begun DATETIME NOT NULL) ENGINE = InnoDB";

}  // namespace dbfixture::mariadb
