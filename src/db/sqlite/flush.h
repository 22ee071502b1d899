// SPDX-License-Identifier: MIT
// Emptying tables and setting sequences (DESIGN 5). SQLite keeps the sequence of an AUTOINCREMENT table in the table
// sqlite_sequence, which anyone may edit: rows twice, rows without a number and rows of other tables are possible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/sqlite/facts.h"
#include "db/sqlite/statement.h"

namespace dbfixture::sqlite {

// Deletes the rows of one table, with triggers as they are set, and returns how many there were.
std::uint64_t empty_table(Handle handle, const Catalog& catalog, std::size_t table, const KeptRows* kept = nullptr);
// The table's sequence starts anew.
void forget_sequence(Handle handle, const Table& table);

// `catalog` is as of the transaction, which the caller has begun (transaction.h).
std::vector<std::uint64_t> flush_tables(Handle handle, const Catalog& catalog, const FlushRequest& request);
std::vector<std::string> flush_statements(const Catalog& catalog, const FlushRequest& request);

// The full-text indexes whose content is a table that has changed, or a view, which may be about one.
std::vector<std::size_t> stale_indexes(const Catalog& catalog, const std::vector<bool>& changed);
// For those whose content is one of `tables`.
std::vector<std::string> rebuild_statements(const Catalog& catalog, const std::vector<std::size_t>& tables);

std::vector<Sequence> read_sequences(Handle handle, const Catalog& catalog, const std::vector<std::size_t>& tables);
void write_sequences(Handle handle, const Catalog& catalog, const std::vector<Sequence>& sequences);
std::vector<std::string> sequence_statements(const Catalog& catalog, const std::vector<std::size_t>& tables);

}  // namespace dbfixture::sqlite
