// SPDX-License-Identifier: MIT
#include "db/mariadb/failure.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::mariadb {
namespace {

// Of no class of their own: a column without a default, no partition, an enumeration's or a spatial value, what a
// trigger raises, no such value for a generated column.
constexpr std::array kOfRows = {kNoDefault, kDataTruncated, 1366U,         1416U,  1526U, kSignal,
                                1748U,      1906U,          kCheckOfMySql, kCheck, 4078U, 4079U};

bool lacks_privilege(unsigned number) {
    constexpr std::array kNumbers = {kTableAccessDenied, kColumnAccessDenied, kNotAllowed, kProgramAccessDenied,
                                     kAccessDeniedToDatabase};
    return std::ranges::find(kNumbers, number) != kNumbers.end();
}

// From "INSERT command denied to user 'u'@'h' for table `d`.`t`"; "" where the words are others.
std::string lacking_for_table(std::string_view words) {
    const std::size_t command = words.find(" command denied to user "), dot = words.rfind("`.`");
    if (command == std::string_view::npos || dot == std::string_view::npos || !words.ends_with('`')) return {};
    std::string table;
    for (std::size_t i = dot + 3; i + 1 < words.size(); ++i) {
        table += words[i];
        if (words[i] == '`') ++i;
    }
    return cat("this user lacks the privilege ", quote(words.substr(0, command)), " on table ", quote(table));
}

// Another transaction was met crosswise, and goes on now that this one does not. What waited for a lock as long as it
// may held others meanwhile, which the one that has that lock may have waited for.
int tries_of(unsigned number) {
    constexpr int kCrosswise = 5, kWaited = 2;
    if (number == kLockWaitTimeout) return kWaited;
    return number == kDeadlock || number == kRecordChanged || number == kDefinitionChanged ? kCrosswise : 1;
}

ErrorKind kind_of(unsigned number, std::string_view state) {
    for (const unsigned busy : {kTooManyConnections, kRecordChanged, kLockWaitTimeout, kDeadlock, kDefinitionChanged}) {
        if (number == busy) return ErrorKind::kBusy;
    }
    if (number == kNoSuchDatabase) return ErrorKind::kNotFound;
    if (lacks_privilege(number)) return ErrorKind::kRefused;
    const bool of_rows = std::ranges::find(kOfRows, number) != kOfRows.end();
    return of_rows || state.starts_with("22") || state.starts_with("23") ? ErrorKind::kInput : ErrorKind::kFailure;
}

// Another node of a cluster was faster: the transaction is undone, and it may be its savepoint that is missed first.
unsigned meant(unsigned number, std::string_view words) {
    return number == kNoSuchProgram && words.starts_with("SAVEPOINT ") ? kDeadlock : number;
}

}  // namespace

ServerError::ServerError(unsigned of_number, std::string of_state, std::string of_words, std::string_view what)
    : Error(kind_of(meant(of_number, of_words), of_state), std::string(what)),
      number(meant(of_number, of_words)),
      state(std::move(of_state)),
      words(std::move(of_words)) {
    detail = words;
    tries = tries_of(number);
    if (!lacks_privilege(number)) return;
    hint = "connect as a user that has this privilege, or have it granted";
    if (std::string said = lacking_for_table(words); !said.empty()) message = std::move(said);
}

}  // namespace dbfixture::mariadb
