// SPDX-License-Identifier: MIT
// Dates, times and durations: how Django stores them on SQLite, how it writes them into fixtures, and all that its
// fields accept (reference: Django's parse_date, parse_datetime, parse_time, parse_duration).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbfixture {

// Whether a stored text is exactly what Django would store: "2020-01-31", "2020-01-31 01:02:03[.000005]",
// "01:02:03[.000005]", and a real day and time.
bool is_stored_date(std::string_view text) noexcept;
bool is_stored_datetime(std::string_view text) noexcept;
bool is_stored_time(std::string_view text) noexcept;

// A text whose fraction has one to five digits with all six, or with none if they are zeros; nothing for any other.
std::optional<std::string> complete_fraction(std::string_view text);

// What Django would store for a text of a fixture; nothing if it would refuse.
std::optional<std::string> parse_date(std::string_view text);
std::optional<std::string> parse_time(std::string_view text);

struct ParsedDateTime {
    std::string stored;  // in UTC if it has an offset
    bool has_offset = false;
};
std::optional<ParsedDateTime> parse_datetime(std::string_view text);

// Microseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
void append_duration(std::string& out, std::int64_t microseconds);

}  // namespace dbfixture
