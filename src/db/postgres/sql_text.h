// SPDX-License-Identifier: MIT
// The only ways that names and texts get into SQL.
#pragma once

#include <string>
#include <string_view>

namespace dbfixture::postgres {

// An identifier in double quotes, inner ones doubled.
std::string quote_identifier(std::string_view name);
// "schema"."name".
std::string quote_identifier(std::string_view schema, std::string_view name);
// A text; the session has standard_conforming_strings on.
std::string text_literal(std::string_view text);

}  // namespace dbfixture::postgres
