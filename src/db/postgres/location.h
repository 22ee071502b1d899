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

// The URL is the only form: nothing that needs a file's path.
inline constexpr std::array<AddressForm, 0> kAddresses = {};

Location locate(const UrlParts& url);
// Nothing in an address is relative to a folder.
std::string relocate(const UrlParts& url, const std::string& folder);
// Connects to nothing: the same database reached by another name of its host counts as another one.
DatabaseIdentity identify(const Location& location);

}  // namespace dbfixture::postgres
