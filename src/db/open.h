// SPDX-License-Identifier: MIT
// From what the user typed to a connection (DESIGN 1). The engines are a table in open.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/location.h"

struct sqlite3;

namespace dbfixture {

enum class OpenMode {
    kReadOnly,   // never writes, works on a read-only file or folder
    kReadWrite,  // the database must exist
};

struct OpenOptions {
    OpenMode mode = OpenMode::kReadOnly;
    int busy_timeout_ms = 5000;
    // Names and * patterns of further tables that are bookkeeping (model/bookkeeping.h): those of the layouts and those
    // of the config.
    std::vector<std::string> bookkeeping{};
    // The schemas that selections of all tables keep to, the first of which needs no name in labels; empty: those of
    // the search path. Of engines that have schemas.
    std::vector<std::string> schemas{};
};

// A path; `sqlite:` or `sqlite3:` and a path; `sqlite:///relative`, `sqlite:////absolute`; `file:`; `:memory:`. A
// driver suffix (`sqlite+aiosqlite:`) and `jdbc:` before it mean nothing. Throws kUsage for a scheme that no engine of
// this build has, and for what could mean two databases.
Location locate(const DatabaseUrl& url);

// Throws Error: kNotFound (no such database), kInput (a folder, not a database, encrypted), kBusy, kFailure (no
// permission).
std::unique_ptr<Connection> open_database(const Location& location, const OpenOptions& options);
inline std::unique_ptr<Connection> open_database(const DatabaseUrl& url, const OpenOptions& options) {
    return open_database(locate(url), options);
}

// On a connection of the caller's own, an sqlite3* that must outlive it and is used by nobody else during a call. Where
// it is in a transaction, everything is a part of that one, which nothing here ends. Nothing of it stays switched.
// Throws as open_database().
std::unique_ptr<Connection> borrow_database(sqlite3* connection, const std::vector<std::string>& bookkeeping);

DatabaseIdentity identify(const Location& location);

// What a database itself says of being emptied, where its engine lets it say so.
struct DatabaseOpinion {
    bool disposable = false;  // it may be
    bool throwaway = false;   // it is a copy that was made to be thrown away
    std::string valuable{};   // why it should not be, as a sentence: others are fed from it; "" if nothing is known
};
// Connects where there is a server to ask. Throws as open_database().
DatabaseOpinion opinion_of(const Location& location, int busy_timeout_ms);

// The files that hold the database or that its engine keeps beside it, by the path given and at the end of all links;
// they need not exist. None for a server.
std::vector<std::string> files_of(const Location& location);

// `url` with a relative path in it taken as relative to `folder`, whatever that is called; absolute paths, databases in
// memory and servers stay as they are.
DatabaseUrl relocate(const DatabaseUrl& url, const std::string& folder);

// Whether it has the form of a database's URL: a known scheme and a colon.
bool is_database_url(std::string_view text);

// Whether a file that is a database is usually named so.
bool has_database_ending(std::string_view path);

// Whether a file is a database, or belongs to one that exists, judged by its first bytes and its name: what is never
// to be replaced by anything else. "" if it is neither, else what it is: "a database".
std::string describe_database_file(const std::string& path);

// The URL as it may be printed: without user info and without a password.
std::string shown_url(const DatabaseUrl& url);

}  // namespace dbfixture
