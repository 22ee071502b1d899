// SPDX-License-Identifier: MIT
// What people name an SQLite database by (DESIGN 1), taken apart. Only asks which files exist.
//
//     x, sqlite:x, sqlite3:x, sqlite://x     the path x
//     sqlite:///x                            the path x too, as SQLAlchemy has it; refused where /x exists as well
//     sqlite:////x                           the path /x
//     file:x                                 SQLite's own URI, and Prisma's
//     :memory:                               and each of these without a path
#pragma once

#include <string>
#include <string_view>

namespace dbfixture::sqlite {

// What a URL means to sqlite3_open_v2.
struct Location {
    std::string filename;  // a path, ":memory:", or a "file:" URI
    bool is_uri = false;
    std::string path;  // the file's path for messages and checks; ":memory:" for one in memory
    bool in_memory = false;
};

// A path as a "file:" URI has to write it.
std::string uri_path(std::string_view path);

// `rest`: what stands behind "sqlite:". `url` is for messages. Throws kUsage for two files that it could mean.
Location locate_url(std::string_view url, std::string_view rest);
// `url` begins with "file:".
Location locate_uri(std::string_view url);
Location locate_path(std::string_view path);

// The same database, with a relative path taken as relative to `folder`; absolute paths and :memory: stay as they are.
std::string relocate_url(std::string_view url, std::string_view rest, const std::string& folder);
std::string relocate_uri(std::string_view uri, const std::string& folder);
std::string relocate_path(std::string_view path, const std::string& folder);

}  // namespace dbfixture::sqlite
