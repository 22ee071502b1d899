// SPDX-License-Identifier: MIT
#include "layout/django/member_stream.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace dbfixture;

TEST_CASE("owners of many-to-many rows are walked in the order in which databases give them", "[members]") {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::vector<Value> ordered = {Value::null(),
                                        Value::integer(-kMost - 1),
                                        Value::real(-0.5),
                                        Value::boolean(false),
                                        Value::real(0.5),
                                        Value::boolean(true),
                                        Value::integer(9007199254740992),
                                        Value::integer(9007199254740993),
                                        Value::integer(kMost),
                                        Value::unsigned_integer(static_cast<std::uint64_t>(kMost) + 1),
                                        Value::unsigned_integer(std::numeric_limits<std::uint64_t>::max()),
                                        Value::real(1e300),
                                        Value::text(""),
                                        Value::text("B"),
                                        Value::text("a"),
                                        Value::bytes(""),
                                        Value::bytes("a")};
    for (std::size_t a = 0; a < ordered.size(); ++a) {
        for (std::size_t b = 0; b < ordered.size(); ++b) {
            INFO(describe(ordered[a]) << " and " << describe(ordered[b]));
            const int order = compare_stored(ordered[a], ordered[b]);
            CHECK((order < 0) == (a < b));
            CHECK((order > 0) == (a > b));
        }
    }
}
