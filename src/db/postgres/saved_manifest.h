// SPDX-License-Identifier: MIT
// A state of kind "copy" as its schema describes it (saved_layout.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "db/postgres/catalog.h"
#include "db/postgres/session.h"
#include "db/states.h"

namespace dbfixture::postgres {

struct SavedTable {
    int number = 0;
    Oid oid = 0, root = 0;
    std::string schema, name;
    std::string sql_name;          // "schema"."name"
    std::string columns;           // LiveTable::columns
    std::vector<std::string> key;  // LiveTable::key
    std::uint64_t rows = 0;
    std::uint64_t base = 0;  // saved_layout.h, rule 3
    std::string kept_in;     // the schema that holds its rows
    int kept_as = 0;         // its number there
    std::string copied_as;   // the relation's name in there; "" where its rows are packed
    std::uint64_t written_by = 0;

    bool packed() const { return copied_as.empty(); }
    // SQL, for FROM, with an alias behind it: its rows, with all columns.
    std::string source() const;
    // SQL, for FROM, without an alias: the relation of ours that has them, and which rows of it they are; "true" for
    // all.
    std::string relation() const;
    std::string condition() const;
};

struct SavedSequence {
    Oid oid = 0;
    std::string schema, name;
    std::int64_t last_value = 0;
    bool called = false;
};

struct SavedManifest {
    std::string object;  // the topmost schema, which describes all of it
    std::uint64_t base = 0;
    std::string fingerprint;  // schema_fingerprint_query()
    std::vector<Oid> others;  // tables without rows of their own
    std::vector<SavedTable> tables;
    std::vector<SavedSequence> sequences;
};

// In one statement each, inside of the session's transaction if there is one. `state.place` and `state.over` are
// references to schemas of this database. Throws kNotFound where the place has no file, kInput, naming the place, for a
// reference to another database, to what is not there any more or to what is not ours, and for a description that is
// not the one that was saved.
SavedManifest read_saved_manifest(Session& session, const SavedState& state);

// SQL, three statements: what a schema of ours says of its state. And what `state.checksum` keeps of their results.
std::string saved_description_query(const std::string& object);
std::string saved_checksum(std::span<const Result> description);

}  // namespace dbfixture::postgres
