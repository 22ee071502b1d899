// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/cat.h"

namespace dbfixture {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Eight bytes of text.
std::uint64_t bytes_of_eight(const unsigned char* s) noexcept {
    std::uint64_t eight;
    std::memcpy(&eight, s, 8);
    return eight;
}

// All bytes of a text of 1 to 7, some of them twice, in any order.
std::uint64_t bytes_of_short(const unsigned char* s, std::size_t size) noexcept {
    if (size < 4) return std::uint64_t{s[0]} | std::uint64_t{s[size / 2]} << 8 | std::uint64_t{s[size - 1]} << 16;
    std::uint32_t first;
    std::uint32_t last;
    std::memcpy(&first, s, 4);
    std::memcpy(&last, s + size - 4, 4);
    return std::uint64_t{first} << 32 | last;
}

bool is_ascii(std::uint64_t bytes) noexcept {
    return (bytes & 0x8080808080808080U) == 0;
}

// Length of the well-formed sequence at `s`, 0 if there is none.
std::size_t utf8_sequence(const unsigned char* s, std::size_t size) noexcept {
    const unsigned char lead = s[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || length > size) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    if ((lead == 0xE0 && s[1] < 0xA0) || (lead == 0xED && s[1] > 0x9F)) return 0;
    if ((lead == 0xF0 && s[1] < 0x90) || (lead == 0xF4 && s[1] > 0x8F)) return 0;
    return length;
}

// Of a character of `length` bytes: C0 and C1 controls, the marks that turn or end a direction, line and paragraph
// separators.
bool acts_on_terminal(const unsigned char* s, std::size_t length) noexcept {
    if (length == 1) return s[0] < 0x20 || s[0] == 0x7F;
    if (length == 2) return s[0] == 0xC2 && s[1] < 0xA0;
    if (length != 3 || s[0] != 0xE2) return false;
    return (s[1] == 0x80 && (s[2] == 0x8E || s[2] == 0x8F || (s[2] >= 0xA8 && s[2] <= 0xAE))) ||
           (s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::vector<std::size_t> two_before;
    std::iota(before.begin(), before.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            // Two neighbours swapped are one mistake.
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], two_before[j - 2] + 1);
        }
        two_before = std::exchange(before, row);
    }
    return before[b.size()];
}

}  // namespace

std::uint32_t count_line_ends(std::string_view text) noexcept {
    // As many as a byte can count, so that the compiler counts in bytes, sixteen at once.
    constexpr std::size_t kAtOnce = 255;
    std::uint32_t out = 0;
    while (!text.empty()) {
        const std::string_view some = text.substr(0, kAtOnce);
        std::uint8_t ends = 0;
        for (const char c : some)
            ends = static_cast<std::uint8_t>(ends + (c == '\n' ? 1 : 0));
        out += ends;
        text.remove_prefix(some.size());
    }
    return out;
}

bool is_valid_utf8(std::string_view bytes) noexcept {
    const auto* s = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto* const end = s + bytes.size();
    while (true) {
        while (end - s >= 8 && is_ascii(bytes_of_eight(s)))
            s += 8;
        if (s == end) return true;
        const auto left = static_cast<std::size_t>(end - s);
        if (left < 8 && is_ascii(bytes_of_short(s, left))) return true;
        while (*s < 0x80)
            ++s;
        do {
            const std::size_t length = utf8_sequence(s, static_cast<std::size_t>(end - s));
            if (length == 0) return false;
            s += length;
        } while (s != end && *s >= 0x80);
    }
}

std::string_view wide_encoding(std::string_view first) noexcept {
    const std::string_view four = first.substr(0, 4);
    if (four == std::string_view("\xFF\xFE\0\0", 4) || four == std::string_view("\0\0\xFE\xFF", 4)) return "UTF-32";
    if (four.starts_with("\xFF\xFE") || four.starts_with("\xFE\xFF")) return "UTF-16";
    const auto zero = [&](std::size_t i) { return four[i] == '\0'; };
    if (four.size() < 2 || zero(0) == zero(1)) {
        const bool wide = four.size() == 4 && zero(0) && zero(1) && zero(2) && !zero(3);
        return wide ? "UTF-32" : "";
    }
    return four.size() == 4 && zero(2) && zero(3) ? "UTF-32" : "UTF-16";
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string printable(std::string_view text, std::size_t limit, bool lines) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    const auto* s = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t i = 0;
    while (i < text.size()) {
        if (out.size() >= limit) return out + "...";
        const std::size_t length = utf8_sequence(s + i, text.size() - i);
        if (s[i] == '\n') {
            out += lines ? "\n" : "\\n";
        } else if (length == 0 || acts_on_terminal(s + i, length)) {
            for (std::size_t j = i; j < i + std::max<std::size_t>(length, 1); ++j)
                out += {'\\', 'x', kHex[s[j] >> 4], kHex[s[j] & 15]};
        } else {
            out.append(text.substr(i, length));
        }
        i += std::max<std::size_t>(length, 1);
    }
    return out;
}

std::string enclose(std::string_view text, char mark) {
    std::string out(1, mark);
    for (const char c : text) {
        if (c == mark) out += c;
        out += c;
    }
    return out += mark;
}

std::string quote(std::string_view text, std::size_t limit) {
    return cat("\"", printable(text, limit), "\"");
}

std::string quote_list(const std::vector<std::string>& items, std::size_t most) {
    std::string out;
    const std::size_t shown = items.size() > most ? most : items.size();
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) out += i + 1 == items.size() ? " and " : ", ";
        out += quote(items[i]);
    }
    if (shown < items.size()) out += cat(" and ", items.size() - shown, " more");
    return out;
}

std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form) {
    if (count == 1) return cat("1 ", singular);
    return plural_form.empty() ? cat(count, " ", singular, "s") : cat(count, " ", plural_form);
}

std::string nearest(std::string_view wanted, const std::vector<std::string>& known) {
    const std::string wanted_lower = to_lower(wanted);
    const std::size_t allowed = wanted.size() <= 3 ? 1 : wanted.size() <= 7 ? 2 : 3;
    std::size_t best = allowed + 1;
    const std::string* found = nullptr;
    for (const std::string& name : known) {
        if (name.size() > wanted.size() + allowed || wanted.size() > name.size() + allowed) continue;
        const std::size_t distance = edit_distance(wanted_lower, to_lower(name));
        if (distance < best && distance < std::max<std::size_t>(name.size(), 2)) {
            best = distance;
            found = &name;
        }
    }
    return found == nullptr ? std::string() : *found;
}

std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& known) {
    const std::string name = nearest(wanted, known);
    return name.empty() ? name : cat("did you mean ", quote(name), "?");
}

}  // namespace dbfixture
