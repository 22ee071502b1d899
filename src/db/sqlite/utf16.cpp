// SPDX-License-Identifier: MIT
#include "db/sqlite/utf16.h"

#include <cstdint>

#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

std::uint32_t unit_at(std::string_view bytes, std::size_t at, TextEncoding encoding) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return encoding == TextEncoding::kUtf16le ? first | second << 8U : second | first << 8U;
}

}  // namespace

std::optional<std::string> utf16_to_utf8(std::string_view bytes, TextEncoding encoding) {
    if (bytes.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        std::uint32_t point = unit_at(bytes, at, encoding);
        if (point >= 0xDC00 && point < 0xE000) return std::nullopt;
        if (point >= 0xD800 && point < 0xDC00) {
            at += 2;
            if (at >= bytes.size()) return std::nullopt;
            const std::uint32_t low = unit_at(bytes, at, encoding);
            if (low < 0xDC00 || low >= 0xE000) return std::nullopt;
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(out, point);
    }
    return out;
}

std::string utf8_to_utf16(std::string_view text, TextEncoding encoding) {
    std::string out;
    out.reserve(text.size() * 2);
    const auto put = [&](std::uint32_t unit) {
        const auto low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
        out += encoding == TextEncoding::kUtf16le ? low : high;
        out += encoding == TextEncoding::kUtf16le ? high : low;
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i)
            point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
        at += length;
        if (point < 0x10000) {
            put(point);
        } else {
            put(0xD800 + ((point - 0x10000) >> 10));
            put(0xDC00 + ((point - 0x10000) & 0x3FF));
        }
    }
    return out;
}

}  // namespace dbfixture::sqlite
