// SPDX-License-Identifier: MIT
#include "db/postgres/transaction.h"

#include "base/cat.h"
#include "base/error.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {

namespace {

constexpr const char* kPart = "dbfixture_part";

}  // namespace

Transaction::Transaction(Session& session, const char* begin) : session_(session), nested_(session.in_transaction()) {
    session_.run(nested_ ? cat("SAVEPOINT ", kPart) : begin);
}

Transaction::~Transaction() {
    if (done_) return;
    try {
        session_.run(nested_ ? cat("ROLLBACK TO SAVEPOINT ", kPart, "; RELEASE SAVEPOINT ", kPart) : "ROLLBACK");
    } catch (const Error&) {
        // The connection is lost; the server rolls back by itself.
    }
}

void Transaction::commit() {
    session_.run(nested_ ? cat("RELEASE SAVEPOINT ", kPart) : "COMMIT");
    done_ = true;
}

Savepoint::Savepoint(Session& session, std::string_view name) : session_(session), name_(quote_identifier(name)) {
    session_.run(cat("SAVEPOINT ", name_));
}

Savepoint::~Savepoint() {
    try {
        undo();
    } catch (const Error&) {
        // The whole transaction is lost with it.
    }
}

void Savepoint::keep() {
    session_.run(cat("RELEASE SAVEPOINT ", name_));
    done_ = true;
}

void Savepoint::undo() {
    if (done_) return;
    done_ = true;
    session_.run(cat("ROLLBACK TO SAVEPOINT ", name_, "; RELEASE SAVEPOINT ", name_));
}

}  // namespace dbfixture::postgres
