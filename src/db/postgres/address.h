// SPDX-License-Identifier: MIT
// The forms in which a database on a server is named, taken apart here and not by the client library, whose own errors
// repeat what they were given, passwords too. Nothing here does: a text that cannot be taken apart is told by what is
// wrong with it alone.
//
//     postgresql://user:password@host:port,host:port/database?name=value&...
//     host=h dbname='d' ...
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/engine.h"
#include "db/location.h"

namespace dbfixture::postgres {

// A parameter of the client library ("host", "dbname"), or kSchemaPart.
struct AddressPart {
    std::string name, value;
};

// The schema that comes first in the search path: Prisma's ?schema=, JDBC's ?currentSchema=.
inline constexpr std::string_view kSchemaPart = "schema";

// A URL, or what is no URL but has the form of parameters. Throws kUsage.
std::vector<AddressPart> parse_address(const UrlParts& url);

// Whether a text without a scheme has the form of parameters: begins with a known one.
bool is_parameter_text(std::string_view text);

// As Location::address holds them, and back.
std::string address_of(const std::vector<AddressPart>& parts);
std::vector<AddressPart> parts_of(std::string_view address);

// The last one of that name; "" if there is none.
std::string part_of(const std::vector<AddressPart>& parts, std::string_view name);

// What the parts leave open, from the environment: host, port, database, user, service.
std::vector<AddressPart> with_environment(std::vector<AddressPart> parts);

// A library's words, without the password if they contain it.
std::string without_password(std::string words, const Location& location);

}  // namespace dbfixture::postgres
