// SPDX-License-Identifier: MIT
// What the server says of a statement that failed, as an Error that keeps the server's own number and words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace dbfixture::mariadb {

// Numbers that code asks for, as both servers have them unless said otherwise.
inline constexpr unsigned kRecordChanged = 1020;  // since the transaction's view began
inline constexpr unsigned kTooManyConnections = 1040;
inline constexpr unsigned kAccessDeniedToDatabase = 1044;
inline constexpr unsigned kAccessDenied = 1045;
inline constexpr unsigned kNullValue = 1048;
inline constexpr unsigned kNoSuchDatabase = 1049;
inline constexpr unsigned kDuplicateKey = 1062;
inline constexpr unsigned kNodeNotReady = 1047;  // of a cluster; elsewhere an unknown command
inline constexpr unsigned kUnknownError = 1105;
inline constexpr unsigned kTableAccessDenied = 1142;
inline constexpr unsigned kColumnAccessDenied = 1143;
inline constexpr unsigned kUnknownVariable = 1193;
inline constexpr unsigned kLockWaitTimeout = 1205;
inline constexpr unsigned kDeadlock = 1213;
inline constexpr unsigned kNotAllowed = 1227;  // what needs a privilege that is no table's
inline constexpr unsigned kDataTruncated = 1265;
inline constexpr unsigned kNoSuchProgram = 1305;  // nor savepoint
inline constexpr unsigned kInterruptedQuery = 1317;
inline constexpr unsigned kNoDefault = 1364;
inline constexpr unsigned kProgramAccessDenied = 1370;
inline constexpr unsigned kDefinitionChanged = 1412;
inline constexpr unsigned kDuplicateKeyNamed = 1586;
inline constexpr unsigned kSignal = 1644;
inline constexpr unsigned kReadOnlyTransaction = 1792;
inline constexpr unsigned kCheckOfMySql = 3819;
inline constexpr unsigned kCheck = 4025;
inline constexpr unsigned kServerGone = 2006;
inline constexpr unsigned kServerLost = 2013;

class ServerError final : public Error {
  public:
    // kBusy for what a later try may pass, with `tries` where that may be at once, kInput for what the rows are at
    // fault for, kNotFound for a database that is not there, kRefused for a privilege that is missing, else kFailure.
    // The server's own words are in `detail`.
    ServerError(unsigned number, std::string state, std::string words, std::string_view what);

    unsigned number;
    std::string state;  // SQLSTATE
    std::string words;
    std::uint64_t row = 0;  // of the array or the list of rows, from 1; 0 where the server does not say
};

}  // namespace dbfixture::mariadb
