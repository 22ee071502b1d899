// SPDX-License-Identifier: MIT
// A state of kind "copy" as its database describes it (saved_layout.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/mariadb/block_digest.h"
#include "db/mariadb/clone_source.h"
#include "db/mariadb/saved_session.h"
#include "db/states.h"

namespace dbfixture::mariadb {

// How the server makes digests of a table's rows (saved_scan.h).
struct RowDigest {
    std::string sql;          // of a row "t"
    bool by_primary = false;  // the table has a primary key, by which rows are to be read
};

struct SavedTable {
    int number = 0;
    std::string name;
    std::uint64_t rows = 0, bytes = 0;
    std::optional<std::uint64_t> next_number{};  // of a table that numbers a column
    std::string kept_in{};                       // the database that holds its rows
    int kept_as = 0;                             // its number there
    std::optional<std::uint64_t> checksum{};     // CHECKSUM TABLE of the copy
    std::vector<BlockDigest> blocks{};           // of its rows
    RowDigest digest{};                          // that they are made of

    // Quoted, with its database.
    std::string source() const;
};

// What a database gives to whatever is made in it without saying one.
struct DatabaseDefaults {
    std::string charset{}, collation{};
    bool operator==(const DatabaseDefaults&) const = default;
};
// Of the session's database.
DatabaseDefaults read_defaults(Session& session);

struct SavedManifest {
    std::string object;  // the topmost database, which describes all of it
    std::string place;   // of its reference
    std::vector<SavedTable> tables;
    std::vector<SchemaObject> objects;
    std::vector<Definition> programs{};
    DatabaseDefaults defaults{};
    // Of the database that this one is a throwaway copy of; `objects` are as this one has them.
    bool of_original = false;

    // nullptr where it has none of that name.
    const SavedTable* find(std::string_view name) const;
};

// A throwaway copy takes the states of its original, too. Throws kNotFound where the place has no file, kInput, naming
// the place, for a reference to another database, to what is not there any more or to what is not ours, and for a
// description that is not the one that was saved.
SavedManifest read_saved_manifest(SavedSession& saved, const SavedState& state);

// What is not as it was saved.
Error damaged_state(const std::string& place, std::string_view why);

// Makes the empty tables of the description.
void create_description(Session& session, const std::string& object);
// Fills them, and returns what the caller remembers of the state.
SavedState write_description(Session& session, const SavedManifest& manifest, const std::string& database);

}  // namespace dbfixture::mariadb
