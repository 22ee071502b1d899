// SPDX-License-Identifier: MIT
#include "db/sqlite/virtual_table.h"

#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

// The end of the token at `at`: a quoted name or text, a comment, a word, or one character.
std::size_t token_end(std::string_view sql, std::size_t at) {
    const char c = sql[at];
    if (c == '"' || c == '\'' || c == '`') {
        for (std::size_t i = at + 1; i < sql.size(); ++i) {
            if (sql[i] != c) continue;
            if (i + 1 < sql.size() && sql[i + 1] == c) {
                ++i;
            } else {
                return i + 1;
            }
        }
        return sql.size();
    }
    const auto past = [&](std::string_view end) {
        const std::size_t found = sql.find(end, at + 1);
        return found == std::string_view::npos ? sql.size() : found + end.size();
    };
    if (c == '[') return past("]");
    if (sql.substr(at, 2) == "--") return past("\n");
    if (sql.substr(at, 2) == "/*") return past("*/");
    const auto is_word = [](char x) {
        return (x | 32) >= 'a' && (x | 32) <= 'z' ? true : (x >= '0' && x <= '9') || x == '_' || x < 0;
    };
    std::size_t end = at;
    while (end < sql.size() && is_word(sql[end]))
        ++end;
    return end > at ? end : at + 1;
}

std::string dequote(std::string_view text) {
    text = trim(text);
    if (text.size() < 2) return std::string(text);
    const char open = text.front();
    if (open == '[') return std::string(text.substr(1, text.size() - 2));
    if (open != '"' && open != '\'' && open != '`') return std::string(text);
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        out += text[i];
        if (text[i] == open && i + 2 < text.size() && text[i + 1] == open) ++i;
    }
    return out;
}

}  // namespace

VirtualTable parse_virtual_table(std::string_view sql) {
    VirtualTable table;
    // CREATE VIRTUAL TABLE [main.]name USING module [( arguments )]
    bool module_next = false;
    std::size_t at = 0;
    while (at < sql.size() && table.module.empty()) {
        const std::size_t end = token_end(sql, at);
        const std::string_view token = sql.substr(at, end - at);
        if (module_next && !is_space(token[0]) && token.substr(0, 2) != "--" && token.substr(0, 2) != "/*") {
            table.module = to_lower(dequote(token));
        }
        if (equals_ignore_case(token, "using")) module_next = true;
        at = end;
    }
    at = sql.find('(', at);
    if (at == std::string_view::npos) return table;
    int depth = 0;
    std::size_t start = at + 1;
    while (at < sql.size()) {
        const char c = sql[at];
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if ((c == ',' && depth == 1) || (c == ')' && depth == 0)) {
            table.arguments.emplace_back(trim(sql.substr(start, at - start)));
            start = at + 1;
            if (depth == 0) break;
        }
        at = token_end(sql, at);
    }
    return table;
}

std::optional<std::string> content_option(const VirtualTable& table) {
    for (const std::string& argument : table.arguments) {
        const std::size_t equals = argument.find('=');
        if (equals == std::string::npos) continue;
        const std::string_view name = trim(std::string_view(argument).substr(0, equals));
        if (equals_ignore_case(name, "content")) return dequote(std::string_view(argument).substr(equals + 1));
    }
    return std::nullopt;
}

}  // namespace dbfixture::sqlite
