// SPDX-License-Identifier: MIT
#include "ops/diff/row_sorter.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/cat.h"

namespace dbfixture {
namespace {

struct Kept {
    std::string key, row;
    std::uint32_t record;
    bool operator==(const Kept&) const = default;
};

std::vector<Kept> read_all(RowSorter& sorter) {
    std::vector<Kept> out;
    const auto rows = sorter.read();
    StreamedRow row;
    while (rows->next(row))
        out.push_back({std::string(row.key), std::string(row.row), row.origin.record});
    return out;
}

// As many rows, and as much memory, as it takes for runs of a file, or for none.
void check_order(std::size_t count, std::size_t memory, unsigned seed) {
    INFO(count << " rows in " << memory << " bytes, seed " << seed);
    std::mt19937 random(seed);
    RowSorter sorter(memory);
    std::vector<Kept> expected;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string key = cat("k", random() % 1000);
        const std::string row(random() % (i % 100 == 0 ? 5000 : 30), static_cast<char>('a' + random() % 26));
        const auto record = static_cast<std::uint32_t>(i);
        sorter.add({key, row, {0, 0, record}});
        expected.push_back({key, row, record});
    }
    std::stable_sort(expected.begin(), expected.end(), [](const Kept& a, const Kept& b) { return a.key < b.key; });
    CHECK((read_all(sorter) == expected));
    CHECK((read_all(sorter) == expected));
    CHECK(sorter.rows() == count);
}

}  // namespace

TEST_CASE("rows come out by key, those of one key as they came, whether they fit into memory or not", "[diff]") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        check_order(0, 1000, seed);
        check_order(1, 1000, seed);
        check_order(5000, std::size_t{16} * 1024 * 1024, seed);
        check_order(5000, 20000, seed);
        check_order(5000, 1, seed);
    }
}

TEST_CASE("rows that come in order are one run", "[diff]") {
    RowSorter sorter(1000);
    std::vector<Kept> expected;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        const std::string key = cat(100000 + i);
        sorter.add({key, "row", {0, 0, i}});
        expected.push_back({key, "row", i});
    }
    CHECK((read_all(sorter) == expected));
}

}  // namespace dbfixture
