// SPDX-License-Identifier: MIT
// A write transaction that rolls back unless committed.
#pragma once

#include "db/sqlite/setting.h"

namespace dbfixture::sqlite {

class Transaction {
  public:
    // Foreign keys are not enforced while it lives, so that no ON DELETE or ON UPDATE action runs. Throws kBusy.
    explicit Transaction(Handle handle);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

  private:
    Handle handle_;
    Setting foreign_keys_;  // begins before the transaction and ends after it
    bool done_ = false;
};

}  // namespace dbfixture::sqlite
