// SPDX-License-Identifier: MIT
// The only ways that names and texts get into SQL.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture::mariadb {

// An identifier in backticks, inner ones doubled.
std::string quote_identifier(std::string_view name);
// `database`.`name`.
std::string quote_identifier(std::string_view database, std::string_view name);
// A text, as its bytes in hexadecimal digits: the same whatever the session says of backslashes and quotes.
std::string text_literal(std::string_view text);
// Bytes, in the same way.
std::string bytes_literal(std::string_view bytes);

}  // namespace dbfixture::mariadb
