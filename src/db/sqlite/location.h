// SPDX-License-Identifier: MIT
// What people name an SQLite database by (DESIGN 1), taken apart. Only asks which files exist.
//
//     x, sqlite:x, sqlite3:x, sqlite://x     the path x
//     sqlite:///x                            the path x too, as SQLAlchemy has it; refused where /x exists as well
//     sqlite:////x                           the path /x
//     file:x                                 SQLite's own URI, and Prisma's
//     :memory:                               and each of these without a path
//
// A Location's address is what sqlite3_open_v2 takes, URIs allowed: a path that would be taken for a URI begins with
// "./" there.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "db/engine.h"

namespace dbfixture::sqlite {

inline constexpr std::array<std::string_view, 3> kSchemes = {"sqlite", "sqlite3", "file"};
inline constexpr std::array<std::string_view, 4> kEndings = {".db", ".db3", ".sqlite", ".sqlite3"};

// A path as a "file:" URI has to write it.
std::string uri_path(std::string_view path);

// URL parsers decode; SQLAlchemy and Prisma take the path as it stands, up to a "?".
constexpr std::array<AddressForm, 5> kAddresses = {{{"path"},
                                                    {"url", "sqlite:///", true},
                                                    {"sqlalchemy", "sqlite:///", false, true},
                                                    {"rails", "sqlite3:", true},
                                                    {"prisma", "file:", false, true}}};

// Engine::locate and Engine::relocate.
Location locate(const UrlParts& url);
std::string relocate(const UrlParts& url, const std::string& folder);

// The database that is this file, whatever its name looks like.
Location locate_file(const std::string& path);

// In a temporary file that SQLite takes away with the connection (https://sqlite.org/inmemorydb.html#temp_db).
Location locate_nowhere(const std::string& shown);

inline bool in_memory(const Location& location) {
    return location.file.empty();
}
inline bool is_uri(const Location& location) {
    return location.address.starts_with("file:");
}

}  // namespace dbfixture::sqlite
