// SPDX-License-Identifier: MIT
// Writing the schema of a state of kind "copy" (saved_layout.h), in the session's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/postgres/saved_manifest.h"
#include "db/postgres/saved_tables.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// A table of the state: as it is in the database, or in another state. `number`, `rows` and `written_by` are set by
// write_parts() where rows are written.
struct StatePart {
    SavedTable table;
    // SQL for FROM, with an alias behind it; "" where its rows stay where table.kept_in says.
    std::string source;
    bool pack = false;        // as texts, beside those of others
    bool packed = false;      // the source gives such texts: in a column named row
    std::uint64_t bytes = 0;  // of its rows in the database, about
};

// A part that is the table as it is in the database.
StatePart part_of(const LiveTable& table, std::uint64_t base);
std::vector<StatePart> parts_of(const LiveTables& live, std::uint64_t base);
// A part whose rows are copied from another state, what is known of them with them.
StatePart part_of(const SavedTable& table);

// What a state is of beside its tables' rows.
struct StateDescription {
    std::string object, place;
    std::uint64_t base = 0;
    std::string objects;    // SQL: rows (kind, name, definition)
    std::string sequences;  // SQL: rows (oid, schema, name, last_value, is_called); "" for none
    std::vector<Oid> others;
    std::string digest{};  // SQL: the catalog's (restore_schema.h), of a schema that is what `objects` say
};

// Under the locks: what every later transaction has a higher number than.
std::uint64_t snapshot_base(Session& session);
// SQL as StateDescription::sequences has it, of the database. Throws kFailure, by name, for one that this role cannot
// read.
std::string live_sequences_query(Session& session);
std::vector<Oid> oids_of(const std::vector<LiveTables::Other>& others);

// Throws kFailure, with a way out, where this role may not create a schema.
void require_create(Session& session);

// As StateDescription has them: rows that a session has read, for another session.
std::string values_query(const Result& rows, const std::vector<std::string_view>& types);

// Makes the schema, and in it all but the tables' rows.
void write_description(Session& session, const StateDescription& description);
// Copies the rows, and says where they are. Parts get their numbers by their order.
void write_parts(Session& session, const std::string& object, std::vector<StatePart>& parts);
// The same without copying: `packed` and copies are there, and each part's `rows` is right.
void write_part_rows(Session& session, const std::string& object, const std::vector<StatePart>& parts);

// What the manifest of the store remembers: checksum and size.
SavedState describe_saved(Session& session, const std::string& object, const std::string& place);

}  // namespace dbfixture::postgres
