// SPDX-License-Identifier: MIT
#include "db/sqlite/backup.h"

#include <sqlite3.h>

#include <utility>

namespace dbfixture::sqlite {

Backup::Backup(sqlite3* to, sqlite3* from) : backup_(sqlite3_backup_init(to, "main", from, "main")) {}

Backup::~Backup() {
    finish();
}

int Backup::step(int pages) {
    return sqlite3_backup_step(backup_, pages);
}

std::uint64_t Backup::page_count() const {
    return static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup_));
}

int Backup::finish() {
    return sqlite3_backup_finish(std::exchange(backup_, nullptr));  // of nothing: SQLITE_OK
}

}  // namespace dbfixture::sqlite
