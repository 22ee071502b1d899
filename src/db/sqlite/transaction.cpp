// SPDX-License-Identifier: MIT
#include "db/sqlite/transaction.h"

#include <sqlite3.h>

namespace dbfixture::sqlite {

Transaction::Transaction(Handle handle) : handle_(handle) {
    execute(handle, "PRAGMA foreign_keys = OFF");  // without effect inside a transaction
    execute(handle, "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!done_) sqlite3_exec(handle_.database, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    execute(handle_, "COMMIT");
    done_ = true;
}

}  // namespace dbfixture::sqlite
