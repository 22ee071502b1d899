// SPDX-License-Identifier: MIT
#include "db/postgres/diagnostics.h"

#include "base/cat.h"

namespace dbfixture::postgres {
namespace {

ErrorKind kind_of(std::string_view state) {
    for (const std::string_view busy :
         {kLockNotAvailable, kDeadlock, kSerializationFailure, kTooManyConnections, kObjectInUse}) {
        if (state == busy) return ErrorKind::kBusy;
    }
    if (state == kNoSuchDatabase) return ErrorKind::kNotFound;
    return state.starts_with("22") || state.starts_with("23") ? ErrorKind::kInput : ErrorKind::kFailure;
}

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.' && text.back() != '?' && text.back() != '!') text += '.';
    return text;
}

}  // namespace

PgError::PgError(Diagnostics fields, std::string_view what)
    : Error(kind_of(fields.sqlstate), std::string(what)), diagnostics(std::move(fields)) {
    detail = diagnostics.message;
    if (!diagnostics.detail.empty()) detail = cat(sentence(detail), " ", diagnostics.detail);
    hint = diagnostics.hint;
    constexpr int kCrosswise = 5;  // another transaction was met crosswise, and goes on now that this one does not
    if (diagnostics.sqlstate == kDeadlock || diagnostics.sqlstate == kSerializationFailure) tries = kCrosswise;
    if (diagnostics.sqlstate == kInsufficientPrivilege && hint.empty())
        hint = "connect as a role that has this privilege, or have it granted";
}

}  // namespace dbfixture::postgres
