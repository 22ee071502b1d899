// SPDX-License-Identifier: MIT
#include "db/sqlite/memory_database.h"

#include <sqlite3.h>

#include "base/error.h"
#include "db/sqlite/failure.h"

namespace dbfixture::sqlite {

void MemoryDatabase::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close(database);
}

MemoryDatabase::MemoryDatabase() {
    sqlite3* database = nullptr;
    const int code = sqlite3_open(":memory:", &database);  // makes something to be closed even where it fails
    database_.reset(database);
    if (code != SQLITE_OK) throw make_error(database, code, "could not open a database in memory");
}

std::string MemoryDatabase::refusal(const std::string& sql, bool run) {
    try {
        Statement statement(handle(), sql);
        if (run) statement.try_run();
        return {};
    } catch (const Error&) {
        return sqlite3_errmsg(database_.get());
    }
}

}  // namespace dbfixture::sqlite
