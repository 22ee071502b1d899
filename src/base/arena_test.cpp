// SPDX-License-Identifier: MIT
#include "base/arena.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

using namespace dbfixture;

TEST_CASE("texts in an arena stay as they were until it is cleared", "[arena]") {
    std::mt19937 random(7);
    Arena arena;
    for (int round = 0; round < 20; ++round) {
        std::vector<std::pair<std::string, std::string_view>> kept;
        for (int i = 0; i < 300; ++i) {
            const std::size_t size = random() % 50 == 0 ? random() % 200'000 : random() % 300;
            std::string text(size, static_cast<char>('a' + i % 26));
            const std::string_view copy = arena.copy(text);
            kept.emplace_back(std::move(text), copy);
        }
        std::size_t changed = 0;
        for (const auto& [text, copy] : kept)
            changed += text != copy ? 1 : 0;
        CHECK(changed == 0);
        arena.clear();
    }
}

TEST_CASE("what an arena gives is aligned and does not overlap", "[arena]") {
    Arena arena;
    char* before = nullptr;
    for (std::size_t size = 0; size < 200; ++size) {
        char* bytes = arena.allocate(size);
        CHECK(reinterpret_cast<std::uintptr_t>(bytes) % 8 == 0);
        if (before != nullptr) CHECK((bytes >= before + (size - 1) || bytes < before));
        before = bytes;
    }
    CHECK(arena.copy("").data() != nullptr);
}

TEST_CASE("a cleared arena uses its memory again", "[arena]") {
    Arena arena;
    char* const first = arena.allocate(1000);
    arena.clear();
    CHECK(arena.allocate(1000) == first);
}
