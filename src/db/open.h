// SPDX-License-Identifier: MIT
// From what the user typed to a connection (DESIGN 1).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"

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
};

// `url`: a path; `sqlite:` or `sqlite3:` and a path; `sqlite:///relative`, `sqlite:////absolute`; `file:`; `:memory:`.
// A driver suffix (`sqlite+aiosqlite:`) and `jdbc:` before it mean nothing.
// Throws Error: kNotFound (no such file), kInput (a folder, not a database, encrypted), kBusy, kFailure (no
// permission), kUsage (a scheme this build does not know, or two files that the URL could mean).
std::unique_ptr<Connection> open_database(std::string_view url, const OpenOptions& options);

// The path of the database file that `url` means, as it is written there, which need not exist; "" for a database in
// memory. Throws kUsage as open_database() does.
std::string database_file(std::string_view url);

// `url` with the path in it taken as relative to `folder`; absolute paths, :memory: and servers stay as they are.
std::string relocate_database(const std::string& url, const std::string& folder);

// Whether it has the form of a database's URL: a known scheme and a colon.
bool is_database_url(std::string_view text);

// Whether a file is a database, or belongs to one that exists, judged by its first bytes and its name: what is never
// to be replaced by anything else. "" if it is neither, else what it is: "a database".
std::string describe_database_file(const std::string& path);

// The files that the engine keeps beside the database file `path` while it is in use; they need not exist.
std::vector<std::string> files_beside_database(const std::string& path);

// `url` as it may be printed: without user info and without a password.
std::string redact_url(std::string_view url);

}  // namespace dbfixture
