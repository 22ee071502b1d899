// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <catch2/catch.hpp>
#include <random>

using namespace dbfixture;

namespace {

std::string encode(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

}  // namespace

TEST_CASE("base64 agrees with the examples of RFC 4648", "[base64]") {
    const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : examples) {
        CHECK(encode(bytes) == text);
        CHECK(decode_base64(text) == bytes);
    }
    CHECK(encode("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("bytes of every length survive base64", "[base64]") {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random());
        CHECK(decode_base64(encode(bytes)) == bytes);
    }
}

TEST_CASE("white space inside base64 is passed over", "[base64]") {
    CHECK(decode_base64(" Zm\n9v\r\n\tYg = = \n") == "foob");
    CHECK(decode_base64(" \n") == "");
}

TEST_CASE("what is not exactly base64 gives nothing", "[base64]") {
    for (const std::string text :
         {"Zg",   "Zg=",   "Z",        "Zm9",  "=",    "==",   "====", "Zg===", "Zg==Zg==", "Zg==Zm9v",  "Z=g=",
          "=Zg=", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Zm8-", "Zm_v", "Zm9v!", "Zm9v\x0b", "Zm\xc3\xa9"}) {
        INFO(text);
        CHECK_FALSE(decode_base64(text).has_value());
    }
    CHECK_FALSE(decode_base64(std::string_view("Zm9v\0", 5)).has_value());
}
