// SPDX-License-Identifier: MIT
#include "db/sqlite/failure.h"

#include <sqlite3.h>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "db/sqlite/lock_holders.h"
#include "db/sqlite/unparsed_schema.h"

namespace dbfixture::sqlite {
namespace {

ErrorKind kind_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorKind::kBusy;
        case SQLITE_NOTADB:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return ErrorKind::kInput;
        default:
            return ErrorKind::kFailure;
    }
}

// Processes that have locks on the database file, which may be more than the one that was waited for.
std::string holders_of(sqlite3* database) {
    const char* path = database == nullptr ? nullptr : sqlite3_db_filename(database, "main");
    return path == nullptr || *path == '\0' ? std::string() : lock_holders(path);
}

}  // namespace

Error make_error(sqlite3* database, int code, std::string_view what) {
    if ((code & 0xFF) == SQLITE_INTERRUPT) check_interrupt();
    Error error(kind_of(code), std::string(what));
    const bool current = database != nullptr && (sqlite3_errcode(database) & 0xFF) == (code & 0xFF);
    error.detail = current ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            error.message = cat(what, ": the database is locked by another connection");
            if (const std::string holders = holders_of(database); !holders.empty()) {
                error.detail = cat("It is held by ", holders, ".");
            }
            error.hint =
                "end the other connection's transaction, or the connection if its locking mode is exclusive, or wait "
                "longer "
                "with --busy-timeout MS";
            break;
        case SQLITE_NOTADB:
            error.message = cat(what, ": it is not an SQLite database, or it is encrypted");
            break;
        case SQLITE_FULL:
            error.message = cat(what, ": the disk is full");
            break;
        case SQLITE_READONLY:
            error.message = cat(what, ": the database or its folder is read-only");
            break;
        case SQLITE_CORRUPT:
            if (is_newer_grammar(error.detail)) {
                error.message = cat(what, ": it was ", newer_sqlite());
                error.hint = "use a build with a newer SQLite";
                break;
            }
            error.message = cat(what, ": the database file is damaged");
            error.hint = "run \"PRAGMA integrity_check\" in sqlite3 to see what is wrong";
            break;
        default:
            break;
    }
    return error;
}

void check(sqlite3* database, int code, std::string_view what) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw make_error(database, code, what);
}

Error cannot_use(std::string_view table, std::string_view done, std::string reason) {
    if (const std::size_t sql = reason.find(kInStatement); sql != std::string::npos) reason.resize(sql);
    return Error(ErrorKind::kFailure, cat("table ", quote(table), " cannot be ", done, " by this build"))
        .with_detail(std::move(reason))
        .with_hint(cat("leave it out with --exclude ", shell_word(table)));
}

bool is_unusable(const Error& error) {
    return error.kind == ErrorKind::kFailure && error.message == kCannotPrepare;
}

std::string quote_identifier(std::string_view name) {
    return enclose(name, '"');
}

std::string qualified(std::string_view table) {
    return cat("main.", quote_identifier(table));
}

}  // namespace dbfixture::sqlite
