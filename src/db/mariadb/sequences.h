// SPDX-License-Identifier: MIT
// The counters behind AUTO_INCREMENT columns. Setting one is ALTER TABLE, which ends a transaction: never inside one.
// A counter cannot go below the largest number that is there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/mariadb/catalog.h"
#include "db/mariadb/session.h"

namespace dbfixture::mariadb {

// As it is now. 0 where there is none.
std::uint64_t next_number_of(Session& session, const TableFacts& facts, const Table& table);
void set_next_number(Session& session, const TableFacts& facts, std::uint64_t next);
// After the largest number, or at 1; nothing is done where the counter stands there.
void put_behind_largest(Session& session, const Catalog& catalog, std::size_t table);

// Calls `set`, which sets a table's counter, for each. What the server refuses is passed over: a counter that others
// keep busy, or that this user may not set, stays where it is. Who waited for one table waits no longer for others.
void each_where_free(Session& session, std::span<const std::size_t> tables,
                     const std::function<void(std::size_t table)>& set);

// Puts many behind their largest numbers so, after what has been committed, which stands whatever happens here: before
// a counter that stays where it is, no number is given.
void put_behind_largest_where_free(Session& session, const Catalog& catalog, std::span<const std::size_t> tables);

// Of all columns of `tables` that have one, in that order.
std::vector<Sequence> read_sequences(Session& session, const Catalog& catalog, const std::vector<std::size_t>& tables);
// Each as Connection::set_sequences() says.
void write_sequences(Session& session, const Catalog& catalog, const std::vector<Sequence>& sequences);
// What a counter that cannot be asked is set by: 1, which the server makes the largest number and one more.
std::vector<std::string> reset_sequence_statements(const Catalog& catalog, const std::vector<std::size_t>& tables);

}  // namespace dbfixture::mariadb
