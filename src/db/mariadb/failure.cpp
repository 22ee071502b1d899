// SPDX-License-Identifier: MIT
#include "db/mariadb/failure.h"

#include <algorithm>
#include <array>

#include "base/cat.h"

namespace dbfixture::mariadb {
namespace {

// Of no class of their own: a column without a default, no partition, an enumeration's or a spatial value, what a
// trigger raises, no such value for a generated column.
constexpr std::array kOfRows = {kNoDefault, kDataTruncated, 1366U,         1416U,  1526U, kSignal,
                                1748U,      1906U, kCheckOfMySql, kCheck, 4078U, 4079U};

ErrorKind kind_of(unsigned number, std::string_view state) {
    for (const unsigned busy : {kTooManyConnections, kRecordChanged, kLockWaitTimeout, kDeadlock, kDefinitionChanged}) {
        if (number == busy) return ErrorKind::kBusy;
    }
    if (number == kNoSuchDatabase) return ErrorKind::kNotFound;
    const bool of_rows = std::ranges::find(kOfRows, number) != kOfRows.end();
    return of_rows || state.starts_with("22") || state.starts_with("23") ? ErrorKind::kInput : ErrorKind::kFailure;
}

}  // namespace

ServerError::ServerError(unsigned of_number, std::string of_state, std::string of_words, std::string_view what)
    : Error(kind_of(of_number, of_state), std::string(what)),
      number(of_number),
      state(std::move(of_state)),
      words(std::move(of_words)) {
    detail = words;
    if (number == 1142 || number == 1143 || number == 1227 || number == kAccessDeniedToDatabase)
        hint = "connect as a user that has this privilege, or have it granted";
}

}  // namespace dbfixture::mariadb
