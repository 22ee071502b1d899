// SPDX-License-Identifier: MIT
// Emptying tables, and where their sequences stand (reference/postgresql.md, sections 5 and 6).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

// In a transaction of its own.
std::vector<std::uint64_t> flush_tables(Session& session, const Catalog& catalog, const FlushRequest& request);
std::vector<std::string> flush_statements(Session& session, const Catalog& catalog, const FlushRequest& request);

// Of all columns of `tables` that have one, in that order.
std::vector<Sequence> read_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables);
// In the caller's transaction, and undone with it. Each as Connection::set_sequences() says.
void write_sequences(Session& session, const Catalog& catalog, const std::vector<Sequence>& sequences);
// Each behind the largest number of all columns that it numbers; in the caller's transaction.
void reset_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables);
std::vector<std::string> reset_sequence_statements(Session& session, const Catalog& catalog,
                                                   const std::vector<std::size_t>& tables);

}  // namespace dbfixture::postgres
