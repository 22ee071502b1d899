// SPDX-License-Identifier: MIT
// Which keys a load has met, for `check`, which names every record whose key was there before. Two keys that differ are
// taken for one once in 10^19 pairs.
#pragma once

#include <cstdint>
#include <optional>

#include "db/connection.h"
#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// Equal for rows that the table holds to be the same one, by the affinity of each key column and the collation of the
// key. Nothing for a row that no record addresses.
std::optional<std::uint64_t> row_identity(const Table& table, const TableFacts& facts, const BoundRow& row);

}  // namespace dbfixture::sqlite
