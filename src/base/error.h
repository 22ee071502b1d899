// SPDX-License-Identifier: MIT
// The one exception type. Lower layers throw what they know; a layer that knows more fills the empty facts of `where`
// and rethrows. Only cmd prints errors, and only there a kind becomes an exit status (DESIGN 1).
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace dbfixture {

// The value of each kind is its exit status.
enum class ErrorKind {
    kUsage = 2,         // the command line or the config file is wrong
    kRefused = 3,       // a guard said no
    kNotFound = 4,      // database, fixture, table or snapshot
    kBusy = 5,          // the database is locked by another connection
    kInput = 6,         // a fixture, row, constraint or snapshot is bad
    kFailure = 7,       // input/output or the database failed
    kInterrupted = 130  // SIGINT; SIGTERM is 143, SIGHUP 129, see interrupt.h
};

// Where in the user's files and database it happened. Empty or 0 means not known.
struct Where {
    std::string file{};
    std::uint64_t line = 0;    // from 1
    std::uint64_t record = 0;  // from 1, within the file
    std::string table{};
    std::string key{};  // as text: "pk=7", "rowid=3", "pk=[1, \"a\"]"
    std::string column{};
};

class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message) : kind(kind), message(std::move(message)) {}
    const char* what() const noexcept override { return message.c_str(); }

    Error& with_detail(std::string text) {
        detail = std::move(text);
        return *this;
    }
    Error& with_hint(std::string text) {
        hint = std::move(text);
        return *this;
    }
    Error& at(Where place) {
        where = std::move(place);
        return *this;
    }

    ErrorKind kind;
    int tries = 1;        // of kBusy: how often, in all, the transaction that met it is worth beginning
    std::string message;  // one line, lower-case first letter, no full stop, no position
    std::string detail;   // facts, and the library's own words
    std::string hint;     // something to do
    Where where;
};

// The form of DESIGN 4 without the program name: "[file:line: ][record 3 (table key): ]message\n[  detail: ...\n][
// hint: ...\n]". A message that does not name the column gets it from `where`. Whatever the user's texts in it are, a
// terminal can show it: see printable().
std::string format_error(const Error& error);

// The position alone, "file:line: record 3 (table pk=7)"; empty when nothing is known.
std::string format_where(const Where& where);

}  // namespace dbfixture
