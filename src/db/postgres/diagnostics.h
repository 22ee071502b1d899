// SPDX-License-Identifier: MIT
// What the server says of a statement that failed, as an Error that keeps the server's own fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace dbfixture::postgres {

// The fields of the server's report, "" where it has none.
struct Diagnostics {
    std::string sqlstate, message, detail, hint, context, schema, table, column, type, constraint;
    std::uint64_t position = 0;  // the character of the statement, from 1
};

class PgError final : public Error {
  public:
    // kBusy for what a later try may pass, with `tries` where that may be at once, kInput for what the rows are at
    // fault for (classes 22 and 23), kNotFound for a database that is not there, else kFailure. The server's message,
    // detail and hint are in `detail` and `hint`.
    PgError(Diagnostics diagnostics, std::string_view what);
    Diagnostics diagnostics;
};

// SQLSTATEs that code asks for.
inline constexpr std::string_view kLockNotAvailable = "55P03";
inline constexpr std::string_view kDeadlock = "40P01";
inline constexpr std::string_view kSerializationFailure = "40001";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kInsufficientPrivilege = "42501";
inline constexpr std::string_view kTooManyConnections = "53300";
inline constexpr std::string_view kObjectInUse = "55006";
inline constexpr std::string_view kNoSuchDatabase = "3D000";
inline constexpr std::string_view kUniqueViolation = "23505";
inline constexpr std::string_view kForeignKeyViolation = "23503";
inline constexpr std::string_view kNotNullViolation = "23502";
inline constexpr std::string_view kCheckViolation = "23514";
inline constexpr std::string_view kExclusionViolation = "23P01";

}  // namespace dbfixture::postgres
