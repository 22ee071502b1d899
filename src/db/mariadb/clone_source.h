// SPDX-License-Identifier: MIT
// Everything that a database defines, with what the server keeps beside each definition and needs to make it again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/mariadb/session.h"
#include "db/mariadb/sql_tokens.h"

namespace dbfixture::mariadb {

// In the order in which they are made.
enum class DefinitionKind : std::uint8_t {
    kSequence,
    kTable,
    kFunction,
    kProcedure,
    kPackage,
    kPackageBody,
    kView,
    kTrigger,
    kEvent
};

// "table", "package body": for people, and in SQL.
std::string_view name_of(DefinitionKind kind);

struct Definition {
    DefinitionKind kind = DefinitionKind::kTable;
    std::string name;
    // As SHOW CREATE says it; of views and programs the bytes that were typed, in `client_charset`. Empty: this user
    // may not read it.
    std::string text;
    std::string sql_mode{}, client_charset{}, connection_collation{}, database_collation{};
    std::string time_zone{};  // of an event
    std::string engine{};     // of a table
    std::string table{};      // of a trigger
    std::string moment{};     // of a trigger: "BEFORE INSERT"

    LexicalMode lexical() const { return lexical_mode(sql_mode); }
    bool operator==(const Definition&) const = default;
};

struct Definitions {
    std::string database, charset, collation;
    std::vector<Definition> all;  // triggers of a table in the order in which they run
    bool operator==(const Definitions&) const = default;
};

// Of the session's database.
Definitions read_definitions(Session& session);
// The same without the counters of tables, which rows move.
Definitions without_counters(Definitions definitions);
// Only what is neither a table nor a sequence.
std::vector<Definition> read_programs(Session& session);

}  // namespace dbfixture::mariadb
