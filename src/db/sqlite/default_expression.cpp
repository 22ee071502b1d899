// SPDX-License-Identifier: MIT
#include "db/sqlite/default_expression.h"

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

bool is_word(std::string_view text) {
    const auto letter = [](char c) {
        return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '$';
    });
}

std::string dequoted(std::string_view text) {
    const char close = text[0] == '[' ? ']' : text[0];
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        out += text[i];
        if (text[i] == close && text[i + 1] == close) ++i;
    }
    return out;
}

}  // namespace

std::string default_expression(const Column& column) {
    static constexpr std::array<std::string_view, 6> kKeywords = {"null",         "true",         "false",
                                                                  "current_date", "current_time", "current_timestamp"};
    if (!column.default_text || column.default_text->empty()) return "NULL";
    const std::string& text = *column.default_text;
    // As a default, a bare or quoted identifier is a text (https://sqlite.org/quirks.html, and DEFAULT id in parse.y);
    // as an expression it would name a column.
    const char first = text[0];
    if (first == '"' || first == '`' || first == '[') return enclose(dequoted(text), '\'');
    if (is_word(text) && std::find(kKeywords.begin(), kKeywords.end(), to_lower(text)) == kKeywords.end())
        return enclose(text, '\'');
    return cat("(", text, ")");
}

}  // namespace dbfixture::sqlite
