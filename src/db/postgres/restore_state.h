// SPDX-License-Identifier: MIT
// Puts a state of kind "copy" back, in place, with other sessions connected: what differs is found by the transactions
// that rows bear (xmin), and only that is written. Facts and figures: reference/postgresql.md, section 7. Each rule was
// a silent wrong restore without it.
//
//  1. Rows older than `base` are the state's: the oldest transaction that was open under the locks when it was saved,
//     never our own. A number of 32 bits counts only within 2^31 - 10^6 transactions of it, counted in 64, and only on
//     the cluster and the database that the state names.
//  2. And only while the table, its columns, their types and the labels of those are the very ones: by their numbers. A
//     column that was dropped and added, tables that took each other's names, leave all rows old. Else whole rows are
//     compared.
//  3. One transaction, READ COMMITTED and READ WRITE whatever the role's default; all tables are locked against
//     writers in one statement, within one deadline. Catalog, description and copies are read after that: under
//     REPEATABLE READ, a row that was committed before the lock would not be seen.
//  4. Copies may have been changed by somebody: only their rows that bear the transaction that made them are put in,
//     and before COMMIT count(*) of each table that was written is the state's, or all is rolled back. A large one is
//     not counted twice: what it had under the locks and what the server says that our statements wrote make the
//     number.
//  5. No foreign key acts: under the replica role, or as the owner drops and adds them again. Else a deleted parent
//     would take children with it that nobody puts back. Under the owner's rungs all tables are counted.
//  6. What we write bears a new transaction: it is remembered with the tables (`written`), for this state alone, in the
//     same transaction and outside of savepoints. What acts whatever we do (ENABLE ALWAYS) would count as ours: it is
//     refused where its table is to be written.
//  7. All schemas but the server's and ours belong to a state: a foreign key that crosses them holds. A schema that is
//     another one than the state was saved with is refused, and the difference named.
//  8. Large objects are not the state's, materialized views show what they were refreshed with: named in a warning.
#pragma once

#include <string>

#include "db/postgres/saved_session.h"
#include "db/states.h"

namespace dbfixture::postgres {

// States::restore().
StateRestoreReport restore_copy(SavedSession& saved, const SavedState& state, const std::string& stamp);

}  // namespace dbfixture::postgres
