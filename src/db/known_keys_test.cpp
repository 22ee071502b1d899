// SPDX-License-Identifier: MIT
#include "db/known_keys.h"

#include <array>
#include <catch2/catch.hpp>
#include <limits>

namespace dbfixture {
namespace {

// Table 0 (key 0, unique 2); table 1, whose column 1 refers to 0's key and column 3 to its column 2.
constexpr std::array<std::optional<KeyReference>, 3> kReferences = {KeyReference{1, 1, 0, 0}, KeyReference{1, 3, 0, 2},
                                                                    std::nullopt};
constexpr std::array<std::uint16_t, 2> kParent = {0, 2}, kChild = {1, 3};

struct Load {
    KnownKeys keys{2, kReferences};
    void parent(Value id, Value unique) { keys.present(0, kParent, std::array{id, unique}); }
    void child(Value id, Value unique) { keys.refers(1, kChild, std::array{id, unique}); }
    std::string holds() const { return std::string(keys.holds(0) ? "0" : "") + (keys.holds(1) ? "1" : ""); }
};

Value n(std::int64_t number) {
    return Value::integer(number);
}

}  // namespace

TEST_CASE("keys that a load brought are known to hold, in whatever order", "[db]") {
    Load load;
    CHECK(load.holds() == "01");
    load.child(n(-7), n(std::numeric_limits<std::int64_t>::max()));
    CHECK(load.holds().empty());
    load.parent(n(-7), n(5));
    CHECK(load.holds() == "0");
    load.parent(n(8), n(std::numeric_limits<std::int64_t>::max()));
    CHECK(load.holds() == "01");
    load.child(Value::null(), n(6));
    CHECK(load.holds() == "0");
}

TEST_CASE("nothing is claimed of keys that are not certain", "[db]") {
    Load text, left_out, changed, unsure;
    for (Load* load : {&text, &left_out, &changed, &unsure}) {
        load->parent(n(1), n(2));
        load->child(n(1), n(2));
        REQUIRE(load->holds() == "01");
        CHECK_FALSE(load->keys.holds(2));
    }
    text.child(Value::text("1"), n(2));
    CHECK(text.holds() == "1");
    left_out.keys.refers(1, std::array<std::uint16_t, 1>{1}, std::array{n(1)});
    CHECK(left_out.holds() == "0");
    changed.keys.changing(0);
    changed.parent(n(1), n(2));
    CHECK(changed.holds().empty());
    unsure.keys.unsure(1);
    CHECK(unsure.holds().empty());
}

TEST_CASE("keys that lie far apart are given up, not kept in ever more memory", "[db]") {
    Load load;
    for (std::int64_t number = 0; number < 40000; ++number)
        load.parent(n(number << 20), n(number));
    load.child(n(0), n(0));
    CHECK(load.holds().empty());
}

}  // namespace dbfixture
