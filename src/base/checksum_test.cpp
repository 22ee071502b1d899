// SPDX-License-Identifier: MIT
#include "base/checksum.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace dbfixture;

namespace {

std::string digest_of(std::string_view bytes) {
    Checksum sum;
    sum.update(bytes);
    return sum.digest();
}

}  // namespace

TEST_CASE("a checksum does not depend on how the bytes arrive", "[checksum]") {
    std::string bytes;
    for (int i = 0; i < 1000; ++i)
        bytes += static_cast<char>(i * 7);
    const std::string whole = digest_of(bytes);
    for (const std::size_t step : {1, 3, 63, 64, 65, 200}) {
        Checksum sum;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            sum.update(std::string_view(bytes).substr(at, step));
        CHECK(sum.digest() == whole);
    }
}

TEST_CASE("every flipped bit, every cut and every appended zero changes a checksum", "[checksum]") {
    const std::string bytes(200, '\0');
    std::set<std::string> seen = {digest_of(bytes)};
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string other = bytes;
        other[bit / 8] = static_cast<char>(1 << bit % 8);
        seen.insert(digest_of(other));
    }
    for (std::size_t size = 0; size < bytes.size(); ++size)
        seen.insert(digest_of(bytes.substr(0, size)));
    for (std::size_t extra = 1; extra < 100; ++extra)
        seen.insert(digest_of(bytes + std::string(extra, '\0')));
    CHECK(seen.size() == 1 + 1600 + 200 + 99);
}

TEST_CASE("a checksum stays the same from version to version, since manifests keep it", "[checksum]") {
    CHECK(digest_of("") == "2a67069617d95aa7");
    CHECK(digest_of("dbfixture") == "2f57cfc3a52430db");
}
