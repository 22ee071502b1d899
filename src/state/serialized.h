// SPDX-License-Identifier: MIT
// The serialized kind of snapshot: all rows as table-layout records in JSON Lines, packed with zstd, and the sequences
// and the schema in the manifest. Any backend can make one.
#pragma once

#include <string>

#include "db/connection.h"
#include "state/manifest.h"

namespace dbfixture {

constexpr auto kSerializedEnd = "jsonl.zst";

// For a table whose rows cannot be recorded, or could not be put back.
Error not_serializable(const std::string& table, const std::string& reason, std::string_view what = "table");

// Writes the data file and fills in what the manifest says of it. Throws kFailure for a table whose rows cannot be
// read.
void write_serialized(Connection& connection, const std::string& path, Manifest& manifest);

// Replaces all rows and sequences of the database by the recorded ones. The schema must be the recorded one: kInput
// with the difference otherwise. Not one transaction: for a private copy only.
void apply_serialized(Connection& connection, const std::string& path, const Manifest& manifest);

// Throws kInput unless the file has the recorded size and checksum.
void verify_serialized(const std::string& path, const Manifest& manifest);

// What tells two schemas apart; "" if it cannot be read.
std::string schema_fingerprint(const std::vector<SchemaObject>& objects);

}  // namespace dbfixture
