// SPDX-License-Identifier: MIT
// RFC 4648 section 4: the standard alphabet, padded, no line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dbfixture {

void append_base64(std::string& out, std::string_view bytes);

// Strict apart from ASCII white space between characters (YAML folds !!binary): any other stray character, missing
// padding or non-zero spare bits give nothing.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace dbfixture
