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

}  // namespace dbfixture::sqlite
