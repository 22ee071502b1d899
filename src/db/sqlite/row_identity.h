// SPDX-License-Identifier: MIT
// Small questions about a row's key that several parts of a load ask.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "db/connection.h"
#include "db/sqlite/facts.h"

namespace dbfixture::sqlite {

// Equal for keys that could name the same row under any affinity and under the collations BINARY, NOCASE and RTRIM;
// other keys may collide. Tables with a collation of an extension cannot be opened at all.
std::uint64_t hash_key(std::span<const Value> key);

// The values of the key columns, in key order; empty if the row is not addressed by its key.
std::vector<Value> key_of(const Table& table, const BoundRow& row);

// "pk=7", "pk=[1, \"a\"]", "rowid=3", or "" for a row that has no address yet.
std::string describe_key(const Table& table, const BoundRow& row);
std::string describe_key(std::span<const Value> key);

}  // namespace dbfixture::sqlite
