// SPDX-License-Identifier: MIT
#include "db/postgres/copy_text.h"

#include <cstring>

namespace dbfixture::postgres {
namespace {

// The letter behind the backslash; '\0' for a byte that stands for itself.
constexpr char escape_of(char c) {
    switch (c) {
        case '\\':
            return '\\';
        case '\t':
            return 't';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        default:
            return '\0';
    }
}

constexpr char meant_by(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'v':
            return '\v';
        default:
            return c;
    }
}

}  // namespace

void append_copy_field(std::string& out, std::string_view text) {
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char escape = escape_of(text[at]);
        if (escape == '\0') continue;
        out.append(text, from, at - from);
        out += '\\';
        out += escape;
        from = at + 1;
    }
    out.append(text, from);
}

// The server writes octal and hexadecimal forms never, and a backslash before b, f, n, r, t, v and itself alone.
const std::vector<std::optional<std::string_view>>& CopyFields::split(std::string_view line) {
    fields_.clear();
    unescaped_.clear();
    // Most rows have neither NULL nor anything that is escaped.
    const bool plain = line.find('\\') == std::string_view::npos;
    if (!plain) unescaped_.reserve(line.size());  // never moves: fields point into it
    for (;;) {
        const std::size_t tab = line.find('\t');
        const std::string_view field = line.substr(0, tab);
        if (plain) {
            fields_.emplace_back(field);
        } else if (field == kCopyNull) {
            fields_.emplace_back(std::nullopt);
        } else if (field.find('\\') == std::string_view::npos) {
            fields_.emplace_back(field);
        } else {
            const std::size_t begin = unescaped_.size();
            for (std::size_t at = 0; at < field.size(); ++at)
                unescaped_ += field[at] == '\\' && at + 1 < field.size() ? meant_by(field[++at]) : field[at];
            fields_.emplace_back(std::string_view(unescaped_).substr(begin));
        }
        if (tab == std::string_view::npos) return fields_;
        line.remove_prefix(tab + 1);
    }
}

}  // namespace dbfixture::postgres
