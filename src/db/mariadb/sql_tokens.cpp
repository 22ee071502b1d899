// SPDX-License-Identifier: MIT
#include "db/mariadb/sql_tokens.h"

#include <algorithm>

#include "base/text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::string_view kNeverRun = "999999";  // the version of what no server runs

bool is_word_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The size of "/*!50003" or "/*M!100100", behind which there is code; 0 for anything else.
std::size_t size_of_code_mark(std::string_view rest) {
    std::size_t size = rest.starts_with("/*!") ? 3 : rest.starts_with("/*M!") ? 4 : 0;
    if (size == 0 || rest.substr(size).starts_with(kNeverRun)) return 0;
    while (size < rest.size() && rest[size] >= '0' && rest[size] <= '9')
        ++size;
    return size;
}

std::string unquoted(std::string_view quoted) {
    const char mark = quoted[0];
    std::string out;
    for (std::size_t at = 1; at < quoted.size(); ++at) {
        if (quoted[at] != mark) {
            out += quoted[at];
        } else if (at + 1 < quoted.size()) {
            out += quoted[at++];
        }
    }
    return out;
}

}  // namespace

LexicalMode lexical_mode(std::string_view sql_mode) {
    return {sql_mode.find("ANSI_QUOTES") != std::string_view::npos,
            sql_mode.find("NO_BACKSLASH_ESCAPES") == std::string_view::npos};
}

bool Token::is_word(std::string_view word) const {
    return kind == TokenKind::kWord && equals_ignore_case(value, word);
}

std::size_t end_of_comment(std::string_view sql, std::size_t at) {
    const std::string_view rest = sql.substr(at);
    const bool dashes = rest.starts_with("--") && (rest.size() == 2 || is_space(rest[2]));
    if (dashes || rest.starts_with('#')) return std::min(sql.find('\n', at), sql.size());
    if (!rest.starts_with("/*") || size_of_code_mark(rest) > 0) return at;
    const std::size_t close = rest.find("*/", 2);
    return close == std::string_view::npos ? sql.size() : at + close + 2;
}

std::size_t end_of_quoted(std::string_view sql, std::size_t at, const LexicalMode& mode) {
    const char mark = at < sql.size() ? sql[at] : ' ';
    if (mark != '\'' && mark != '"' && mark != '`') return at;
    const bool escapes = mode.escapes && (mark == '\'' || (mark == '"' && !mode.ansi_quotes));
    for (++at; at < sql.size(); ++at) {
        if (escapes && sql[at] == '\\') {
            ++at;
        } else if (sql[at] == mark && (at + 1 == sql.size() || sql[at + 1] != mark)) {
            return at + 1;
        } else if (sql[at] == mark) {
            ++at;
        }
    }
    return sql.size();
}

std::vector<Token> tokens_of(std::string_view sql, const LexicalMode& mode) {
    std::vector<Token> out;
    for (std::size_t at = 0; at < sql.size();) {
        const std::string_view rest = sql.substr(at);
        if (is_space(sql[at])) {
            ++at;
        } else if (const std::size_t size = size_of_code_mark(rest); size > 0) {
            at += size;
        } else if (rest.starts_with("*/")) {
            at += 2;
        } else if (const std::size_t end = end_of_comment(sql, at); end > at) {
            at = end;
        } else if (const std::size_t close = end_of_quoted(sql, at, mode); close > at) {
            const bool name = sql[at] == '`' || (sql[at] == '"' && mode.ansi_quotes);
            out.push_back(
                {name ? TokenKind::kName : TokenKind::kText, at, close, unquoted(rest.substr(0, close - at))});
            at = close;
        } else if (is_word_part(sql[at])) {
            const auto size_of_word =
                static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word_part) - rest.begin());
            out.push_back({TokenKind::kWord, at, at + size_of_word, std::string(rest.substr(0, size_of_word))});
            at += size_of_word;
        } else {
            out.push_back({TokenKind::kMark, at, at + 1, std::string(1, sql[at])});
            ++at;
        }
    }
    return out;
}

}  // namespace dbfixture::mariadb
