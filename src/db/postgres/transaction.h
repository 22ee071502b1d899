// SPDX-License-Identifier: MIT
// Transactions and parts of them as objects that put back what was not kept.
#pragma once

#include <string>

#include "db/postgres/session.h"

namespace dbfixture::postgres {

// Rolls back unless committed. Inside of a transaction it is a part of that.
class Transaction {
  public:
    // Whatever the role's default is.
    static constexpr const char* kWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    static constexpr const char* kRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    explicit Transaction(Session& session, const char* begin = kWrite);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();

  private:
    Session& session_;
    bool nested_;
    bool done_ = false;
};

// A part of a transaction that may fail alone: undone unless kept.
class Savepoint {
  public:
    explicit Savepoint(Session& session, std::string_view name = "dbfixture");
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    ~Savepoint();
    void keep();
    void undo();

  private:
    Session& session_;
    std::string name_;  // quoted
    bool done_ = false;
};

}  // namespace dbfixture::postgres
