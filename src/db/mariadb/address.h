// SPDX-License-Identifier: MIT
// The forms in which a database on a server is named, taken apart here and not by the client library. Nothing here
// repeats what it was given, which may hold a password: a text that cannot be taken apart is told by what is wrong with
// it alone.
//
//     mysql://user:password@host:port/database?name=value&...
//     mysql:host=h;dbname=d                             PHP's
//     user:password@tcp(host:port)/database             Go's; also @unix(/socket)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/engine.h"
#include "db/location.h"

namespace dbfixture::mariadb {

// "host", "port", "socket", "user", "password", "dbname", or an option of the client library as the command-line
// programs spell it ("ssl-ca"), or "bulk": "false" where a proxy takes no arrays of parameters (useBulkStmts=false).
struct AddressPart {
    std::string name, value;
};

// Throws kUsage, also for an address that names no database.
std::vector<AddressPart> parse_address(const UrlParts& url);

// Whether a text without a scheme has the form of Go's addresses.
bool is_go_address(std::string_view text);

// As Location::address holds them, and back.
std::string address_of(const std::vector<AddressPart>& parts);
std::vector<AddressPart> parts_of(std::string_view address);

// The last one of that name; "" if there is none.
std::string part_of(const std::vector<AddressPart>& parts, std::string_view name);

// What the parts leave open, from MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_UNIX_PORT, as the command-line programs take it.
std::vector<AddressPart> with_environment(std::vector<AddressPart> parts);

// A library's words, without the password if they contain it.
std::string without_password(std::string words, const Location& location);

}  // namespace dbfixture::mariadb
