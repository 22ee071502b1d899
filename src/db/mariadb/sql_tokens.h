// SPDX-License-Identifier: MIT
// SQL as words, names, texts and marks: enough to tell what is code from what stands in quotes or in a comment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture::mariadb {

// What the session's sql_mode changes about it.
struct LexicalMode {
    bool ansi_quotes = false;  // "x" is a name
    bool escapes = true;       // a backslash in a text
};
LexicalMode lexical_mode(std::string_view sql_mode);

enum class TokenKind : std::uint8_t {
    kWord,  // a name without quotes, a keyword, a number
    kName,  // in quotes
    kText,  // in quotes
    kMark   // any other character
};

struct Token {
    TokenKind kind = TokenKind::kMark;
    std::size_t begin = 0, end = 0;  // in the text
    std::string value{};             // what is in the quotes; of words and marks the text itself

    bool is_mark(char c) const { return kind == TokenKind::kMark && value[0] == c; }
    // Of a keyword in lower case.
    bool is_word(std::string_view word) const;
    bool is_name() const { return kind == TokenKind::kWord || kind == TokenKind::kName; }
};

// What a comment holds that the server runs ("/*!50003 ... */") is code. A quote that is not closed reaches to the end.
std::vector<Token> tokens_of(std::string_view sql, const LexicalMode& mode);

// The end of the comment, or of what is in quotes, that begins at `at`; `at` where none does.
std::size_t end_of_comment(std::string_view sql, std::size_t at);
std::size_t end_of_quoted(std::string_view sql, std::size_t at, const LexicalMode& mode);

}  // namespace dbfixture::mariadb
