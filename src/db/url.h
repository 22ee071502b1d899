// SPDX-License-Identifier: MIT
// The grammar of databases' URLs as far as it is the same for all engines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "db/engine.h"

namespace dbfixture {

// Taken apart by its form alone. A path has no scheme.
UrlParts take_apart(std::string_view url);

// Connection strings of servers that are no URLs: "host=h password=p", Go's "u:p@tcp(h)/d".
bool is_server_string(std::string_view text);

// "scheme" of "scheme//u:p@h/d", a URL that lacks its colon and so looks like a path; "" for all else.
std::string_view scheme_without_colon(std::string_view text);

// "password=...", "pwd=..." and "key=..." up to what ends a parameter.
std::string without_secrets(std::string text);

// Calls `found` with where each password in a word of the command line begins and ends: in a URL, one that is written
// wrongly too, in another tool's address, and as a parameter.
void find_passwords(std::string_view text, const std::function<void(std::size_t from, std::size_t to)>& found);

// Overwrites what stands as a password in a word of the command line, which every user of the machine can list.
void hide_passwords(char* word) noexcept;

// The URL without user and password. A password may hold any character, written as it is by mistake: the last @ ends
// it.
std::string without_user(std::string_view url);

}  // namespace dbfixture
