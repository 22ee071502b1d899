// SPDX-License-Identifier: MIT
#include "db/sqlite/transaction.h"

#include <sqlite3.h>

namespace dbfixture::sqlite {

Transaction::Transaction(Handle handle) : handle_(handle), foreign_keys_(Setting::foreign_keys(handle, false)) {
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
