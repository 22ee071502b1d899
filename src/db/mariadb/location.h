// SPDX-License-Identifier: MIT
// MariaDB's and MySQL's part of location.h: what their addresses mean, and what a database goes by.
//
// A database is shown as a URL without a user: "mysql://db.example.com:3307/shop", "mysql:///shop?socket=/run/x" on a
// socket. As with the command-line programs "localhost" is the socket, unless the address has a port.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "db/engine.h"
#include "db/location.h"

namespace dbfixture::mariadb {

inline constexpr std::array<std::string_view, 4> kSchemes = {"mysql", "mariadb", "mysql2", "tidb"};

inline constexpr std::array<AddressForm, 7> kAddresses = {
    {{"url"}, {"sqlalchemy"}, {"host"}, {"port"}, {"user"}, {"password"}, {"dbname"}}};

Location locate(const UrlParts& url);
// Nothing in an address is relative to a folder.
std::string relocate(const UrlParts& url, const std::string& folder);
// Connects to nothing: the same database reached by another name of its host counts as another one.
DatabaseIdentity identify(const Location& location);

// Engine::address. "url" is what was typed, where that was a URL; else one is made. Single parts that the address
// leaves open come from the environment, as the client library takes them, and are "" where that says nothing.
std::string address_in_form(const Location& location, std::string_view form);

// How an address (Location::address) is shown.
std::string shown_address(const std::string& address);
// What was typed, where that was a URL, with the name of another database of the server in it, and all else as it was;
// "" where it was none.
std::string url_of_other(const Location& location, const std::string& name);

}  // namespace dbfixture::mariadb
