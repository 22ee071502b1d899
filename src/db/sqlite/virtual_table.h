// SPDX-License-Identifier: MIT
// What a CREATE VIRTUAL TABLE statement says. SQLite stores the text as it was typed and offers no other way to learn a
// full-text table's content option (https://sqlite.org/fts5.html#external_content_and_contentless_tables,
// https://sqlite.org/fts3.html#section_6_2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture::sqlite {

struct VirtualTable {
    std::string module;                  // lower case
    std::vector<std::string> arguments;  // trimmed, as typed
};

VirtualTable parse_virtual_table(std::string_view sql);

// The value of `content=...`, without its quotes: empty text for a contentless table, nothing if there is no such
// option.
std::optional<std::string> content_option(const VirtualTable& table);

}  // namespace dbfixture::sqlite
