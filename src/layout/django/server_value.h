// SPDX-License-Identifier: MIT
// Times of a server's own types (columns that are strict) in Django's text forms, and in the server's spelling: what
// value.h needs where the database has types that SQLite has not. What a form would not give back exactly is nothing
// here: raw, says the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/schema.h"

namespace dbfixture {

// "2020-01-31 01:02:03.5+00" as "2020-01-31T01:02:03.500000Z"; without the Z if there is no zone.
std::optional<std::string> django_moment(std::string_view stored);
// A server's column in which Django keeps moments in UTC, as on SQLite, though its type has no zone.
bool is_moment_without_zone(const Column& column);
// "01:02:03.5" as "01:02:03.500000".
std::optional<std::string> django_time(std::string_view stored);

// What parse_datetime() or parse_time() gives as the server spells it: no zeros at the end, and the zone, which is UTC,
// if the column's type has one.
std::string server_time(std::string_view stored, ColumnType type);

// "3 days 04:05:06.5" in microseconds, and back: of intervals that Django writes, whose days have 24 hours.
std::optional<std::int64_t> interval_span(std::string_view stored);
std::string interval_text(std::int64_t microseconds);

}  // namespace dbfixture
