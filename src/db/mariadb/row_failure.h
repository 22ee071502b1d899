// SPDX-License-Identifier: MIT
// What the server refused about a row, in plain words, with the record's place.
#pragma once

#include <string>
#include <string_view>

#include "db/mariadb/failure.h"
#include "db/mariadb/load_context.h"

namespace dbfixture::mariadb {

// Anything but kInput comes back as it is.
Error row_failure(const LoadContext& context, const SentRow& row, const ServerError& error);
// An error about a row that was found before it was sent: `error.where` may have its column and line.
Error place_error(const LoadContext& context, const SentRow& row, Error error);

// "pk=7", "pk=[1, \"a\"]"; "" if part of the key is not given.
std::string describe_key(const LoadContext& context, const SentRow& row);
// Of key values as the server writes them.
std::string describe_key(const LoadContext& context, std::size_t table, const std::vector<std::string>& key);
// A value of a column as the server writes it, for messages.
std::string describe_text(const LoadContext& context, std::size_t table, std::size_t column, std::string_view text);
// A value as the server would write it.
std::string value_text(const Value& value);

}  // namespace dbfixture::mariadb
