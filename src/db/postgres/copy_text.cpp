// SPDX-License-Identifier: MIT
#include "db/postgres/copy_text.h"

#include <bit>
#include <cstdint>
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

namespace {

// Where a byte of the eight is zero: its highest bit.
std::uint64_t zero_bytes(std::uint64_t eight) {
    constexpr std::uint64_t kLow = 0x7f7f7f7f7f7f7f7fU;
    return ~(((eight & kLow) + kLow) | eight | kLow);
}

std::uint64_t load(const char* from) {
    std::uint64_t out;
    std::memcpy(&out, from, sizeof out);
    return out;
}

}  // namespace

// What stands between tabs; whether a backslash is among it.
bool CopyFields::split_at_tabs(std::string_view line) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    const char* const text = line.data();
    std::size_t begin = 0, at = 0;
    std::uint64_t backslashes = 0;
    for (; at + 8 <= line.size() && std::endian::native == std::endian::little; at += 8) {
        const std::uint64_t eight = load(text + at);
        backslashes |= zero_bytes(eight ^ (kOnes * '\\'));
        for (std::uint64_t tabs = zero_bytes(eight ^ (kOnes * '\t')); tabs != 0; tabs &= tabs - 1) {
            const std::size_t end = at + static_cast<std::size_t>(std::countr_zero(tabs)) / 8;
            fields_.emplace_back(std::string_view(text + begin, end - begin));
            begin = end + 1;
        }
    }
    for (; at < line.size(); ++at) {
        backslashes |= text[at] == '\\' ? 1 : 0;
        if (text[at] != '\t') continue;
        fields_.emplace_back(std::string_view(text + begin, at - begin));
        begin = at + 1;
    }
    fields_.emplace_back(line.substr(begin));
    return backslashes != 0;
}

// The server writes octal and hexadecimal forms never, and a backslash before b, f, n, r, t, v and itself alone.
const std::vector<std::optional<std::string_view>>& CopyFields::split(std::string_view line) {
    fields_.clear();
    if (!split_at_tabs(line)) return fields_;
    unescaped_.clear();
    unescaped_.reserve(line.size());  // never moves: fields point into it
    for (std::optional<std::string_view>& one : fields_) {
        const std::string_view field = *one;
        if (field == kCopyNull) {
            one.reset();
        } else if (field.find('\\') != std::string_view::npos) {
            const std::size_t begin = unescaped_.size();
            for (std::size_t at = 0; at < field.size(); ++at)
                unescaped_ += field[at] == '\\' && at + 1 < field.size() ? meant_by(field[++at]) : field[at];
            one = std::string_view(unescaped_).substr(begin);
        }
    }
    return fields_;
}

}  // namespace dbfixture::postgres
