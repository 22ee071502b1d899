// SPDX-License-Identifier: MIT
// UTF-16 as SQLite stores it in databases with that encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/value.h"

namespace dbfixture::sqlite {

// UTF-8 of well-formed UTF-16 of either byte order; nothing for an odd length or a lone surrogate.
std::optional<std::string> utf16_to_utf8(std::string_view bytes, TextEncoding encoding);

// `text` is valid UTF-8.
std::string utf8_to_utf16(std::string_view text, TextEncoding encoding);

}  // namespace dbfixture::sqlite
