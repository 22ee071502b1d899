// SPDX-License-Identifier: MIT
// What an engine is to the rest of the program: a row of the table in open.cpp. Nothing else names one.
//
// To add an engine: a folder src/db/<engine> with its Connection (connection.h), its States (states.h) and the
// functions of this row, the row in open.cpp, and a row in contract_engine_test.cpp, so that the contract suite runs
// against it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/library_version.h"
#include "base/posix_file.h"
#include "db/location.h"
#include "db/open.h"
#include "db/server_copy.h"
#include "db/states.h"

namespace dbfixture {

// A URL taken apart. "jdbc:" before it and a driver behind the scheme ("+psycopg") mean nothing.
struct UrlParts {
    std::string_view url;   // as typed
    std::string scheme;     // lower case; "" for text without one
    std::string_view rest;  // behind the scheme's colon; all of it where there is no scheme
};

// A form of address_forms.h: `before` stands before the path, which is percent-encoded where the readers of the form
// decode it.
struct AddressForm {
    std::string_view name;
    std::string_view before{};
    bool encoded = false;
    bool ends_at_query = false;  // its readers take the path up to a "?"
};

// What db/private_copy.h asks for; `database` is the path of a database or of an image.
struct FileCopies {
    Location (*locate)(const std::string& database);
    std::uint64_t (*room)(const std::string& database);
    bool (*set_room_aside)(const std::string& database, const PosixFile& target);
    void (*fill)(const std::string& database, const std::string& like, const std::string& target, int busy_timeout_ms);
    void (*create_from_sql)(const std::string& target, std::string_view sql, const std::string& sql_file);
};

// What db/server_copy.h asks for.
struct ServerCopies {
    std::unique_ptr<ServerCopy> (*make)(const ServerCopyRequest& request);
    void (*fill)(const Location& copy, std::string_view sql, const std::string& sql_file);
};

struct Engine {
    std::string_view name;                      // "SQLite"
    std::string_view usage;                     // how a database is named, for hints
    std::span<const std::string_view> schemes;  // of its URLs, lower case
    bool has_users;                             // a URL may hold a user and a password, up to an @
    // Whether a text without a scheme is an address of this engine all the same; nullptr: never.
    bool (*reads_text)(std::string_view text);
    std::span<const StateForm> states;          // the kinds of states that it saves, its default first
    std::span<const std::string_view> endings;  // that files of its databases usually have, if it keeps any

    // The caller sets Location::engine. Throws kUsage for what its URLs cannot say, and for what could mean two
    // databases.
    Location (*locate)(const UrlParts& url);
    // The same database, with a relative path in the URL taken as relative to `folder`.
    std::string (*relocate)(const UrlParts& url, const std::string& folder);
    DatabaseIdentity (*identify)(const Location& location);
    DatabaseOpinion (*opinion)(const Location& location, int busy_timeout_ms);  // nullptr: it says nothing
    std::unique_ptr<Connection> (*connect)(const Location& location, const OpenOptions& options);
    // Throws kUsage for a database whose state cannot be saved.
    std::unique_ptr<States> (*open_states)(const Location& location, int busy_timeout_ms);
    // open.h, files_of() and describe_database_file(). nullptr for a server.
    std::vector<std::string> (*files)(const Location& location);
    std::string (*describe_file)(const std::string& path);
    std::vector<LibraryVersion> (*versions)();
    // Of an engine whose databases are files: nullptr for a server.
    const FileCopies* copies;
    const ServerCopies* server_copies;       // nullptr where databases are files, or where the engine makes none
    std::span<const AddressForm> addresses;  // "url" among them
    // Of a database on a server, in one of these forms; may hold a password. nullptr where databases are files.
    std::string (*address)(const Location& location, std::string_view form);
    // Whether a server is reached without a network, as far as can be told without connecting. nullptr: that cannot.
    bool (*is_near)(const Location& location) = nullptr;
};

}  // namespace dbfixture
