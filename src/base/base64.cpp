// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <array>
#include <cstdint>

namespace dbfixture {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kStray = 255;

constexpr std::array<std::uint8_t, 256> decoding_table() {
    std::array<std::uint8_t, 256> table{};
    table.fill(kStray);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto kDecode = decoding_table();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    const auto* s = reinterpret_cast<const unsigned char*>(bytes.data());
    out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, s += 3) {
        const unsigned bits = static_cast<unsigned>(s[0]) << 16 | static_cast<unsigned>(s[1]) << 8 | s[2];
        const char four[4] = {kAlphabet[bits >> 18], kAlphabet[bits >> 12 & 63], kAlphabet[bits >> 6 & 63],
                              kAlphabet[bits & 63]};
        out.append(four, 4);
    }
    if (left > 0) {
        const unsigned bits = static_cast<unsigned>(s[0]) << 16 | (left > 1 ? static_cast<unsigned>(s[1]) << 8 : 0U);
        const char four[4] = {kAlphabet[bits >> 18], kAlphabet[bits >> 12 & 63],
                              left > 1 ? kAlphabet[bits >> 6 & 63] : '=', '='};
        out.append(four, 4);
    }
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    unsigned bits = 0;
    int digits = 0;   // of the current group of four, padding included
    int padding = 0;  // '=' seen
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        if (c == '=') {
            ++padding;
        } else if (padding > 0 || kDecode[static_cast<unsigned char>(c)] == kStray) {
            return std::nullopt;
        }
        bits = bits << 6 | (c == '=' ? 0U : kDecode[static_cast<unsigned char>(c)]);
        if (++digits < 4) continue;
        if (padding > 2 || (padding == 1 && (bits & 0xFF) != 0) || (padding == 2 && (bits & 0xFFFF) != 0))
            return std::nullopt;
        out.push_back(static_cast<char>(bits >> 16));
        if (padding < 2) out.push_back(static_cast<char>(bits >> 8));
        if (padding < 1) out.push_back(static_cast<char>(bits));
        bits = 0;
        digits = 0;
        if (padding > 0) padding = 3;  // only white space may follow
    }
    return digits == 0 ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace dbfixture
