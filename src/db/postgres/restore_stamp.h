// SPDX-License-Identifier: MIT
// Stamps (states.h, rule 2) of states of kind "copy": the number that the next transaction of the cluster will get.
//
//  1. A transaction that writes takes a number and ends. While no other is open that began before, and the next number
//     is the same, nothing was written anywhere in the cluster. Where another one is open, nothing can be told.
//  2. Numbers are those of one running server: it is named by its identifier, its start, and when it began to count
//     anew after a crash, which may lose numbers that were given out and empties unlogged tables.
//  3. Sequences go on without a number: they are looked at. One that is not logged is set without one: then there is no
//     stamp.
//  4. An open transaction that has written may still commit: as long as there is one, it is waited for as usual.
#pragma once

#include <string>

#include "db/postgres/session.h"

namespace dbfixture::postgres {

// The stamp that is true once the session's transaction has committed, if nothing else happens; "" where that cannot
// be told. Inside the transaction, under the locks of lock_live_tables(), as its last statement before COMMIT.
std::string take_stamp(Session& session);

// Whether a stamp that was taken of the state that the schema `object` holds is still true. In no transaction.
bool is_true(Session& session, const std::string& stamp, const std::string& object);

}  // namespace dbfixture::postgres
