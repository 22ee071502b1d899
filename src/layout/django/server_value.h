// SPDX-License-Identifier: MIT
// Values of a server's own types (columns that are strict) in Django's text forms, and back: what value.h needs where
// the database has types that SQLite has not. What a form would not give back exactly is nothing here: raw, says the
// caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/schema.h"
#include "model/value.h"

namespace dbfixture {

// "2020-01-31 01:02:03.5+00" as "2020-01-31T01:02:03.500000", with a Z if it has a zone and `zone` says so.
std::optional<std::string> django_moment(std::string_view stored, bool zone);
// "01:02:03.5" as "01:02:03.500000".
std::optional<std::string> django_time(std::string_view stored);

// "3 days 04:05:06.5" in microseconds, and back: of intervals that Django writes, whose days have 24 hours.
std::optional<std::int64_t> interval_span(std::string_view stored);
std::string interval_text(std::int64_t microseconds);

// Of django.contrib.postgres: what value_to_string() of ArrayField, HStoreField and the range fields gives, which is
// JSON in a string.
std::optional<std::string> django_array(std::string_view stored, const Column& column, Arena& arena);
std::optional<std::string> django_hstore(std::string_view stored, Arena& arena);
std::optional<std::string> django_range(std::string_view stored, Arena& arena);
// The server's texts of them. Throw kInput for JSON that is none of theirs.
std::string array_text(const Value& list, const Column& column, Arena& arena);
std::string hstore_text(const Value& map);
std::string range_text(const Value& map);

}  // namespace dbfixture
