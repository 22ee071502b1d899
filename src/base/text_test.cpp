// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <catch2/catch.hpp>
#include <random>

using namespace dbfixture;

namespace {

// The rule of Unicode's table 3-7, by decoding: shortest form, no surrogate, not above U+10FFFF.
bool decodes(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = lead < 0x80             ? 1
                                   : (lead & 0xE0) == 0xC0 ? 2
                                   : (lead & 0xF0) == 0xE0 ? 3
                                   : (lead & 0xF8) == 0xF0 ? 4
                                                           : 0;
        if (length == 0 || i + length > bytes.size()) return false;
        unsigned code = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t j = 1; j < length; ++j) {
            const auto next = static_cast<unsigned char>(bytes[i + j]);
            if ((next & 0xC0) != 0x80) return false;
            code = code << 6 | (next & 0x3FU);
        }
        constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
        i += length;
    }
    return true;
}

}  // namespace

TEST_CASE("line ends are counted in texts of any size", "[text]") {
    for (const std::size_t size : {0U, 1U, 254U, 255U, 256U, 510U, 70000U}) {
        CHECK(count_line_ends(std::string(size, '\n')) == size);
        CHECK(count_line_ends(std::string(size, 'x')) == 0);
        std::string text(size, '\r');
        for (std::size_t i = 0; i < size; i += 3)
            text[i] = '\n';
        CHECK(count_line_ends(text) == (size + 2) / 3);
    }
}

TEST_CASE("every sequence of up to three bytes is judged as decoding judges it", "[text]") {
    std::string bytes;
    std::size_t wrong = 0;
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned b = 0; b < 256; ++b) {
            for (const unsigned c : {0U, 0x41U, 0x7FU, 0x80U, 0x9FU, 0xA0U, 0xBFU, 0xC0U, 0xE0U, 0xF4U, 0xFFU}) {
                bytes = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
                for (std::size_t size = 1; size <= 3; ++size) {
                    const std::string_view part(bytes.data(), size);
                    if (is_valid_utf8(part) != decodes(part)) ++wrong;
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("sequences of four bytes are judged as decoding judges them", "[text]") {
    std::size_t wrong = 0;
    std::string bytes;
    for (unsigned a = 0xEF; a < 256; ++a) {
        for (unsigned b = 0x70; b < 256; ++b) {
            for (const unsigned c : {0x7FU, 0x80U, 0xBFU, 0xC0U}) {
                for (const unsigned d : {0x7FU, 0x80U, 0xBFU, 0xC0U}) {
                    bytes = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
                    if (is_valid_utf8(bytes) != decodes(bytes)) ++wrong;
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("a wrong byte is found at every place of a long text", "[text]") {
    CHECK(is_valid_utf8(""));
    CHECK(is_valid_utf8(std::string_view("\0", 1)));
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            CHECK(is_valid_utf8(text));
            text[at] = '\xC3';
            CHECK_FALSE(is_valid_utf8(text));
            if (at + 1 < size) {
                text[at + 1] = '\xA9';
                CHECK(is_valid_utf8(text));
            }
        }
    }
}

TEST_CASE("a text is judged as decoding judges it whatever stands beside what", "[text]") {
    const std::vector<std::string> parts = {
        "a",    "bcd",  "efghijkl", "\xC3\xA9",     "\xE6\x97\xA5", "\xF0\x9F\x98\x80",
        "\xC3", "\xA9", "\xE6\x97", "\xED\xA0\x80", "\xFF"};
    std::mt19937 engine(20241126);
    std::size_t wrong = 0;
    std::size_t valid = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string text;
        const std::size_t kinds = engine() % 4 == 0 ? parts.size() : 6;  // the first six are valid
        for (unsigned count = engine() % 9; count > 0; --count)
            text += parts[engine() % kinds];
        if (is_valid_utf8(text) != decodes(text)) ++wrong;
        if (decodes(text)) ++valid;
    }
    CHECK(wrong == 0);
    CHECK(valid > 30'000);
    CHECK(valid < 49'000);
}

TEST_CASE("case is ASCII's", "[text]") {
    CHECK(to_lower("AbZ[@`{Ä") == "abz[@`{Ä");
    CHECK(equals_ignore_case("Users", "uSERS"));
    CHECK_FALSE(equals_ignore_case("users", "user"));
    CHECK_FALSE(equals_ignore_case("Ä", "ä"));
    CHECK_FALSE(equals_ignore_case("@", "`"));
}

TEST_CASE("quote makes a text safe to print", "[text]") {
    CHECK(quote("") == "\"\"");
    CHECK(quote("a b") == "\"a b\"");
    CHECK(quote("é\U0001F600") == "\"é\U0001F600\"");
    CHECK(quote("a\nb\x1b[31m\x7f\xff") == "\"a\\nb\\x1b[31m\\x7f\\xff\"");
    CHECK(quote("\xe2\x82") == "\"\\xe2\\x82\"");
    CHECK(quote("abcdef", 3) == "\"abc...\"");
    CHECK(quote("ééé", 3) == "\"éé...\"");
    CHECK(quote(std::string(60, 'x')) == "\"" + std::string(60, 'x') + "\"");
}

TEST_CASE("lists and counts read as English", "[text]") {
    CHECK(quote_list({}) == "");
    CHECK(quote_list({"a"}) == "\"a\"");
    CHECK(quote_list({"a", "b"}) == "\"a\" and \"b\"");
    CHECK(quote_list({"a", "b", "c"}) == "\"a\", \"b\" and \"c\"");
    CHECK(quote_list({"a", "b", "c", "d"}, 2) == "\"a\", \"b\" and 2 more");
    CHECK(plural(0, "row") == "0 rows");
    CHECK(plural(1, "row") == "1 row");
    CHECK(plural(2, "row") == "2 rows");
    CHECK(plural(1, "key", "keys") == "1 key");
    CHECK(plural(5, "index", "indexes") == "5 indexes");
}

TEST_CASE("the nearest name is a likely typing mistake or none", "[text]") {
    const std::vector<std::string> columns = {"id", "email", "name", "created_at"};
    CHECK(nearest("emial", columns) == "email");
    CHECK(nearest("EMAIL", columns) == "email");
    CHECK(nearest("creatd_at", columns) == "created_at");
    CHECK(nearest("nam", columns) == "name");
    CHECK(nearest("ib", columns) == "id");
    CHECK(nearest("telephone", columns) == "");
    CHECK(nearest("x", columns) == "");
    CHECK(nearest("", columns) == "");
    CHECK(nearest("cat", {"bat", "hat"}) == "bat");
    CHECK(did_you_mean("emial", columns) == "did you mean \"email\"?");
    CHECK(did_you_mean("telephone", columns) == "");
}
