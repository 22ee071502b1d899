// SPDX-License-Identifier: MIT
#include "dbfixture/failures.h"

#include <utility>

namespace dbfixture {
namespace {

Error error_of(const Failure::Facts& facts) {
    Error error(static_cast<ErrorKind>(facts.kind), facts.message);
    error.with_detail(facts.detail).with_hint(facts.hint);
    error.at({facts.file, facts.line, facts.record, facts.table, facts.key, facts.column});
    return error;
}

}  // namespace

Failure::Failure(Facts facts)
    : facts_(std::make_shared<const Facts>(std::move(facts))),
      text_(std::make_shared<const std::string>(format_error(error_of(*facts_)))) {}

Failure failure_of(const Error& error) {
    Failure::Facts facts;
    // Nothing here waits for signals; a program that uses the parts below may.
    const bool known = error.kind != ErrorKind::kInterrupted;
    facts.kind = known ? static_cast<FailureKind>(error.kind) : FailureKind::kFailure;
    facts.message = error.message;
    facts.detail = error.detail;
    facts.hint = error.hint;
    facts.file = error.where.file;
    facts.line = error.where.line;
    facts.record = error.where.record;
    facts.table = error.where.table;
    facts.key = error.where.key;
    facts.column = error.where.column;
    return Failure(std::move(facts));
}

const char* version() noexcept {
    return DBFIXTURE_VERSION;
}

}  // namespace dbfixture
