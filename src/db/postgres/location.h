// SPDX-License-Identifier: MIT
// PostgreSQL's part of location.h: what its addresses mean, and what a database goes by.
//
// A database is shown as a URL without a user: "postgresql://db.example.com:5433/shop", "postgresql:///shop" on the
// server's socket. Its name is the database's name; what the address leaves open comes from the environment, and from
// the service file where one is named.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "db/engine.h"
#include "db/location.h"

namespace dbfixture::postgres {

inline constexpr std::array<std::string_view, 5> kSchemes = {"postgres", "postgresql", "pgsql", "psql", "postgis"};

inline constexpr std::array<AddressForm, 7> kAddresses = {
    {{"url"}, {"sqlalchemy"}, {"host"}, {"port"}, {"user"}, {"password"}, {"dbname"}}};

Location locate(const UrlParts& url);
// Nothing in an address is relative to a folder.
std::string relocate(const UrlParts& url, const std::string& folder);
// Connects to nothing: the same database reached by another name of its host counts as another one.
DatabaseIdentity identify(const Location& location);

// Engine::address. "url" is what was typed, where that was a URL; else one is made. Single parts that the address
// leaves open come from the environment, as the client library takes them, and are "" where that says nothing: then its
// own default is meant. SQLAlchemy does not decode the database's name.
std::string address_in_form(const Location& location, std::string_view form);

// Engine::is_near: a socket, or the loopback address. What a service file says is not looked up.
bool is_near(const Location& location);

}  // namespace dbfixture::postgres
