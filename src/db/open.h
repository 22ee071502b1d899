// SPDX-License-Identifier: MIT
// From what the user typed to a connection (DESIGN 1).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "db/connection.h"

namespace dbfixture {

enum class OpenMode {
    kReadOnly,   // never writes, works on a read-only file or folder
    kReadWrite,  // the database must exist
};

struct OpenOptions {
    OpenMode mode = OpenMode::kReadOnly;
    int busy_timeout_ms = 5000;
};

// `url`: a path; `sqlite:` or `sqlite3:` and a path; `sqlite:///relative`, `sqlite:////absolute`; `file:`; `:memory:`.
// Throws Error: kNotFound (no such file), kInput (a folder, not a database, encrypted), kBusy, kFailure (no
// permission), kUsage (a scheme this build does not know, or two files that the URL could mean).
std::unique_ptr<Connection> open_database(std::string_view url, const OpenOptions& options);

// `url` as it may be printed: without user info.
std::string redact_url(std::string_view url);

}  // namespace dbfixture
