// SPDX-License-Identifier: MIT
#include "db/mariadb/sql_text.h"

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::mariadb {

std::string quote_identifier(std::string_view name) {
    return enclose(name, '`');
}

std::string quote_identifier(std::string_view database, std::string_view name) {
    return cat(enclose(database, '`'), ".", enclose(name, '`'));
}

std::string text_literal(std::string_view text) {
    return text.empty() ? "''" : cat("_utf8mb4 ", bytes_literal(text));
}

std::string bytes_literal(std::string_view bytes) {
    if (bytes.empty()) return "''";
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = "0x";
    for (const char c : bytes) {
        out += kDigits[static_cast<unsigned char>(c) >> 4];
        out += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace dbfixture::mariadb
