// SPDX-License-Identifier: MIT
#include "model/fk_graph.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "base/cat.h"

using namespace dbfixture;

namespace {

Schema schema_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& tables) {
    Schema schema;
    for (const auto& [name, parents] : tables) {
        Table& table = schema.tables.emplace_back();
        table.name = name;
        for (const std::string& parent : parents)
            table.foreign_keys.push_back({{0}, parent, std::nullopt, {"id"}, ""});
    }
    std::sort(schema.tables.begin(), schema.tables.end(),
              [](const Table& a, const Table& b) { return a.name < b.name; });
    for (Table& table : schema.tables) {
        for (ForeignKey& key : table.foreign_keys)
            key.parent = schema.find(key.parent_name);
    }
    return schema;
}

std::string names(const Schema& schema, const std::vector<std::size_t>& tables) {
    std::string out;
    for (const std::size_t table : tables)
        append(out, cat(out.empty() ? "" : " ", schema.tables[table].name));
    return out;
}

// "a b c; cycles: (b c)"
std::string order(const Schema& schema) {
    const TableOrder found = order_tables(schema);
    std::string out = names(schema, found.tables);
    for (const auto& cycle : found.cycles)
        append(out, cat(" (", names(schema, cycle), ")"));
    return out;
}

}  // namespace

TEST_CASE("tables come after those that they reference, else by name", "[fk_graph]") {
    CHECK(order(schema_of({})) == "");
    CHECK(order(schema_of({{"b", {}}, {"a", {}}, {"c", {}}})) == "a b c");
    CHECK(order(schema_of({{"a", {"b"}}, {"b", {"c"}}, {"c", {}}})) == "c b a");
    CHECK(order(schema_of({{"a", {"z"}}, {"b", {}}, {"y", {}}, {"z", {}}})) == "b y z a");
    CHECK(order(schema_of({{"a", {"c", "c", "b"}}, {"b", {"c"}}, {"c", {}}})) == "c b a");
    CHECK(order(schema_of({{"B", {}}, {"a", {}}, {"C", {}}})) == "B C a");
}

TEST_CASE("names compare as SQL compares them, and missing tables are left out", "[fk_graph]") {
    CHECK(order(schema_of({{"a", {"PARENT"}}, {"parent", {}}})) == "parent a");
    CHECK(order(schema_of({{"a", {"gone"}}, {"b", {}}})) == "a b");
}

TEST_CASE("a reference to itself is a cycle of one and orders nothing", "[fk_graph]") {
    CHECK(order(schema_of({{"a", {"a"}}, {"b", {}}})) == "a b (a)");
    CHECK(order(schema_of({{"a", {"a", "b"}}, {"b", {}}})) == "b a (a)");
}

TEST_CASE("a ring stays together, in name order, where its smallest name puts it", "[fk_graph]") {
    CHECK(order(schema_of({{"b", {"d"}}, {"d", {"b"}}, {"a", {}}, {"c", {}}, {"e", {}}})) == "a b d c e (b d)");
    CHECK(order(schema_of({{"a", {"c"}}, {"b", {"a"}}, {"c", {"b", "z"}}, {"z", {}}, {"k", {"a"}}})) ==
          "z a b c k (a b c)");
    CHECK(order(schema_of({{"a", {"b"}}, {"b", {"a"}}, {"c", {"d", "a"}}, {"d", {"c"}}})) == "a b c d (a b) (c d)");
    CHECK(order(schema_of({{"a", {"b", "a"}}, {"b", {"a"}}})).starts_with("a b (a b)"));
}

TEST_CASE("tables that a parent held back come in name order", "[fk_graph]") {
    CHECK(order(schema_of({{"a", {"y", "z"}}, {"x", {"z"}}, {"y", {"z"}}, {"z", {}}})) == "z x y a");
    CHECK(order(schema_of({{"a", {"c"}}, {"b", {"z"}}, {"c", {"z"}}, {"d", {}}, {"z", {}}})) == "d z b c a");
}

TEST_CASE("a chain of many tables is ordered without deep recursion", "[fk_graph]") {
    constexpr int kCount = 5000;
    std::vector<std::pair<std::string, std::vector<std::string>>> tables;
    std::string expected;
    for (int i = 10000; i < 10000 + kCount; ++i) {
        tables.push_back({cat("t", i), {cat("t", i + 1)}});
        expected = cat("t", i, i == 10000 ? "" : " ") + expected;
    }
    tables.push_back({"a", {"t10000"}});
    CHECK(order(schema_of(tables)) == cat(expected.substr(0, expected.size()), " a"));
}

TEST_CASE("the rules hold for random graphs, whatever their cycles", "[fk_graph]") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        const std::size_t count = 1 + random() % 12;
        std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count));
        std::vector<std::pair<std::string, std::vector<std::string>>> tables;
        const auto name = [](std::size_t i) { return std::string(1, static_cast<char>('a' + i)); };
        for (std::size_t i = 0; i < count; ++i) {
            tables.push_back({name(i), {}});
            for (std::size_t left = random() % 3; left > 0; --left) {
                const std::size_t parent = random() % count;
                tables[i].second.push_back(name(parent));
                reaches[i][parent] = true;
            }
        }
        for (std::size_t via = 0; via < count; ++via) {
            for (std::size_t from = 0; from < count; ++from) {
                for (std::size_t to = 0; to < count; ++to) {
                    if (reaches[from][via] && reaches[via][to]) reaches[from][to] = true;
                }
            }
        }
        const TableOrder found = order_tables(schema_of(tables));
        std::vector<std::size_t> place(count, count);
        for (std::size_t i = 0; i < found.tables.size(); ++i)
            place[found.tables[i]] = i;
        REQUIRE(found.tables.size() == count);
        REQUIRE(std::count(place.begin(), place.end(), count) == 0);
        std::size_t in_cycles = 0;
        for (std::size_t i = 0; i < count; ++i) {
            in_cycles += reaches[i][i] ? 1 : 0;
            for (std::size_t j = 0; j < count; ++j) {
                if (reaches[i][j] && !reaches[j][i]) CHECK(place[j] < place[i]);  // a parent outside the ring
                if (i < j && reaches[i][j] && reaches[j][i]) CHECK(place[i] < place[j]);
            }
        }
        std::size_t listed = 0;
        for (const auto& cycle : found.cycles) {
            listed += cycle.size();
            CHECK(std::is_sorted(cycle.begin(), cycle.end()));
            for (const std::size_t a : cycle) {
                for (const std::size_t b : cycle)
                    CHECK(reaches[a][b]);
            }
            // Together: from the first's place on.
            for (std::size_t i = 0; i < cycle.size(); ++i)
                CHECK(place[cycle[i]] == place[cycle[0]] + i);
        }
        CHECK(listed == in_cycles);
    }
}
