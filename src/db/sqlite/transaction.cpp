// SPDX-License-Identifier: MIT
#include "db/sqlite/transaction.h"

#include <sqlite3.h>

#include "base/error.h"

namespace dbfixture::sqlite {
namespace {

constexpr auto kUndo = "ROLLBACK TO dbfixture_write";
constexpr auto kRelease = "RELEASE dbfixture_write";

// SQLite counts what deferred foreign keys wait for only while it enforces them.
void require_nothing_deferred(sqlite3* database) {
    int waiting = 0;
    int unused = 0;
    sqlite3_db_status(database, SQLITE_DBSTATUS_DEFERRED_FKS, &waiting, &unused, 0);
    if (waiting == 0) return;
    throw Error(ErrorKind::kRefused, "the open transaction has deferred foreign keys that refer to no row yet")
        .with_detail("Rows written now would not count for them, and the transaction could not be committed.")
        .with_hint("write here before such rows, or commit first");
}

}  // namespace

Transaction::Transaction(Handle handle)
    : handle_(handle),
      nested_(sqlite3_get_autocommit(handle.database) == 0),
      last_row_(sqlite3_last_insert_rowid(handle.database)),
      foreign_keys_(Setting::foreign_keys(handle, false)) {
    if (nested_) require_nothing_deferred(handle.database);
    execute(handle, nested_ ? "SAVEPOINT dbfixture_write" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!done_ && nested_) {
        sqlite3_exec(handle_.database, kUndo, nullptr, nullptr, nullptr);
        sqlite3_exec(handle_.database, kRelease, nullptr, nullptr, nullptr);
    } else if (!done_) {
        sqlite3_exec(handle_.database, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    sqlite3_set_last_insert_rowid(handle_.database, last_row_);
}

void Transaction::commit() {
    execute(handle_, nested_ ? kRelease : "COMMIT");
    done_ = true;
}

}  // namespace dbfixture::sqlite
