// SPDX-License-Identifier: MIT
// Copies the main database of one connection over that of another by SQLite's backup interface. It ends, done or not,
// when it goes out of scope.
#pragma once

#include <cstdint>

struct sqlite3;
struct sqlite3_backup;

namespace dbfixture::sqlite {

class Backup {
  public:
    // `to` has no transaction open; both outlive it. Where it cannot begin, it is empty, and `to` has the error.
    Backup(sqlite3* to, sqlite3* from);
    Backup(const Backup&) = delete;
    Backup& operator=(const Backup&) = delete;
    ~Backup();

    explicit operator bool() const { return backup_ != nullptr; }
    // Result codes: SQLITE_OK when more is to be copied, SQLITE_DONE at the end. Below 0 `pages` are all.
    int step(int pages);
    std::uint64_t page_count() const;  // of the source, after a step
    // SQLITE_OK if all was copied, or nothing went wrong so far.
    int finish();

  private:
    sqlite3_backup* backup_;
};

}  // namespace dbfixture::sqlite
