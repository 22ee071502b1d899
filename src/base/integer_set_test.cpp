// SPDX-License-Identifier: MIT
#include "base/integer_set.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace dbfixture {
namespace {

IntegerSet set_of(std::initializer_list<std::int64_t> numbers) {
    IntegerSet out;
    for (const std::int64_t number : numbers)
        out.insert(number);
    return out;
}

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("a set of integers says whether it holds all of another", "[base]") {
    const IntegerSet all = set_of({kLeast, -4097, -1, 0, 1, 63, 64, 4095, 4096, kMost});
    CHECK(all.contains(IntegerSet()));
    CHECK(all.contains(all));
    for (const std::int64_t there : {kLeast, std::int64_t{-1}, std::int64_t{64}, std::int64_t{4096}, kMost})
        CHECK(all.contains(set_of({there})));
    for (const std::int64_t missing :
         {kLeast + 1, std::int64_t{-2}, std::int64_t{2}, std::int64_t{65}, std::int64_t{8192}, kMost - 1})
        CHECK_FALSE(all.contains(set_of({0, missing})));
}

TEST_CASE("a set of integers takes little memory where they lie close together", "[base]") {
    IntegerSet set;
    for (std::int64_t number = 0; number < 1000000; ++number)
        set.insert(number);
    CHECK(set.bytes() < 200000);
    set.clear();
    CHECK(set.bytes() == 0);
    CHECK_FALSE(set.contains(set_of({1})));
}

}  // namespace dbfixture
