// SPDX-License-Identifier: MIT
// Small text functions that more than one layer needs.
#pragma once

#include <cstdint>

#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

// True for well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. NUL is
// fine.
bool is_valid_utf8(std::string_view bytes) noexcept;

// How many LF there are.
std::uint32_t count_line_ends(std::string_view text) noexcept;

// "UTF-16" or "UTF-32" if text that begins with these bytes (four, or all there are), by a byte order mark or by its
// zero bytes, can only be that; else "".
std::string_view wide_encoding(std::string_view first) noexcept;

// The text between two marks, those inside doubled: a name or a text of SQL.
std::string enclose(std::string_view text, char mark);

// `point` is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t point);

// ASCII only, as SQL's identifiers and names of types compare.
std::string to_lower(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;

// For messages: in double quotes, control characters escaped, cut with "..." beyond `limit` bytes (never inside a
// character).
std::string quote(std::string_view text, std::size_t limit = 60);

// For messages: the text without quotes, otherwise the same: what a terminal would obey (control characters, marks that
// turn the writing direction) or cannot show is escaped, and it is cut with "..." beyond `limit` bytes. With `lines`,
// line ends stay.
std::string printable(std::string_view text, std::size_t limit, bool lines = false);

// "a, b and c", each as quote() writes it; more than `most` are counted: "a, b and 7 more".
std::string quote_list(const std::vector<std::string>& items, std::size_t most = 12);

// Thousands are not separated; `count` 1 gives the singular: "1 row", "2 rows".
std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form = {});

// The nearest of `known` to `wanted` by edit distance, without regard to case, if near enough to be a likely typing
// mistake; empty otherwise. Ties go to the first.
std::string nearest(std::string_view wanted, const std::vector<std::string>& known);

// "did you mean "x"?" or, when nothing is near, empty.
std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& known);

}  // namespace dbfixture
