// SPDX-License-Identifier: MIT
// What the server's columns make of values, without writing: Connection::make_stored().
//
//  1. Values of types that keep what they are given pass: booleans, integers, bytes, texts.
//  2. A text shorter than its char(n) is filled with blanks here: a cast would also cut what is longer.
//  3. All others are cast by the server to the column's type and read back in the form in which rows are read.
#pragma once

#include <span>

#include "base/arena.h"
#include "db/postgres/catalog.h"
#include "db/postgres/session.h"
#include "model/value.h"

namespace dbfixture::postgres {

void make_stored(Session& session, const TableFacts& facts, std::span<const std::uint16_t> columns,
                 std::span<Value> values, Arena& arena);

}  // namespace dbfixture::postgres
