// SPDX-License-Identifier: MIT
// A write transaction that rolls back unless committed. Inside a transaction of the caller's own it is a savepoint of
// that one, which stays the caller's to end.
#pragma once

#include <cstdint>

#include "db/sqlite/setting.h"

namespace dbfixture::sqlite {

class Transaction {
  public:
    // Foreign keys are not enforced while it lives, so that no ON DELETE or ON UPDATE action runs. What the connection
    // says of the row that was inserted last is afterwards as before. Throws kBusy, and kRefused where the caller's
    // transaction already waits for rows that deferred foreign keys refer to: it would not see them come.
    explicit Transaction(Handle handle);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

  private:
    Handle handle_;
    bool nested_;
    std::int64_t last_row_;
    Setting foreign_keys_;  // begins before the transaction and ends after it
    bool done_ = false;
};

}  // namespace dbfixture::sqlite
