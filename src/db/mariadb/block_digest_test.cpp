// SPDX-License-Identifier: MIT
#include "db/mariadb/block_digest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "base/cat.h"

namespace dbfixture::mariadb {
namespace {

using Rows = std::map<int, std::uint64_t>;  // by key

BlockDigest digest_of_row(int key, std::uint64_t value) {
    std::uint64_t state = (static_cast<std::uint64_t>(key) + 1) * 0x9e3779b97f4a7c15u + value;
    BlockDigest out;
    for (std::uint64_t& lane : out.lanes) {
        state = (state ^ (state >> 29)) * 0xbf58476d1ce4e5b9u + 1;
        lane = state ^ (state >> 32);
    }
    return out;
}

std::vector<RowBlock> blocks_of(const Rows& rows) {
    std::vector<RowBlock> out;
    BlockCutter cutter([&](const RowBlock& block) { out.push_back(block); });
    for (const auto& [key, value] : rows)
        cutter.add(digest_of_row(key, value), cat(key));
    cutter.end();
    return out;
}

std::vector<KeyRange> compare(const Rows& saved, const Rows& now) {
    std::vector<BlockDigest> digests;
    for (const RowBlock& block : blocks_of(saved))
        digests.push_back(block.digest);
    BlockComparison comparison(digests);
    for (const RowBlock& block : blocks_of(now))
        comparison.take(block);
    comparison.end();
    return comparison.different();
}

bool covers(const std::vector<KeyRange>& ranges, int key) {
    return std::ranges::any_of(ranges, [&](const KeyRange& range) {
        return (!range.from || std::stoi(*range.from) <= key) && (!range.to || key <= std::stoi(*range.to));
    });
}

Rows many_rows(int count) {
    Rows out;
    for (int key = 0; key < count; ++key)
        out[key] = 1;
    return out;
}

}  // namespace

TEST_CASE("block digests: equal rows differ nowhere, and no rows differ from some everywhere", "[unit]") {
    CHECK(compare(many_rows(9000), many_rows(9000)).empty());
    CHECK(compare({}, {}).empty());
    CHECK(compare({}, many_rows(3)) == std::vector<KeyRange>{KeyRange{}});
    CHECK(compare(many_rows(3), {}) == std::vector<KeyRange>{KeyRange{}});
}

TEST_CASE("block digests: whatever was changed, brought or taken away lies in a range, and most rows do not",
          "[unit]") {
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const Rows saved = many_rows(6000);
    for (int round = 0; round < 40; ++round) {
        Rows now = saved;
        std::vector<int> touched;
        for (int change = 0; change < 5; ++change) {
            const int key = std::uniform_int_distribution<int>(-50, 6050)(random);
            const int kind = std::uniform_int_distribution<int>(0, 2)(random);
            const int run = kind == 0 ? 1 : std::uniform_int_distribution<int>(1, 300)(random);
            for (int of = key; of < key + run; ++of) {
                if (kind == 0) {
                    now[of] = 2;
                } else if (kind == 1) {
                    now.erase(of);
                } else {
                    now.emplace(of + 9000 * (round % 2), 3);
                }
            }
        }
        for (const auto& [key, value] : now) {
            if (!saved.contains(key) || saved.at(key) != value) touched.push_back(key);
        }
        for (const auto& [key, value] : saved) {
            if (!now.contains(key)) touched.push_back(key);
        }
        const std::vector<KeyRange> ranges = compare(saved, now);
        CHECK(ranges.empty() == touched.empty());
        int missed = 0;
        for (const int key : touched)
            missed += covers(ranges, key) ? 0 : 1;
        CHECK(missed == 0);
    }
    Rows one = saved;
    one[3000] = 2;
    const std::vector<KeyRange> ranges = compare(saved, one);
    int covered = 0;
    for (const auto& [key, value] : saved)
        covered += covers(ranges, key) ? 1 : 0;
    CHECK(covered < 5000);
}

TEST_CASE("block digests: what goes is counted off and what comes is counted on, in any order", "[unit]") {
    BlockDigest total, other;
    for (int key = 0; key < 50; ++key)
        total += digest_of_row(key, 1);
    for (int key = 49; key >= 0; --key)
        other += digest_of_row(key, key == 7 ? 2 : 1);
    CHECK_FALSE(total.same_as(other));
    other -= digest_of_row(7, 2);
    other += digest_of_row(7, 1);
    CHECK(total.same_as(other));
    CHECK(BlockDigest::of(total.bytes()).same_as(total));
    CHECK(BlockDigest::of_digits(std::string(60, '0') + "00Ff").lanes == std::array<std::uint64_t, 4>{0, 0, 0, 255});
    CHECK_FALSE(BlockDigest::of_digits(std::string(64, 'g')).known);
}

TEST_CASE("block digests: what is unknown equals nothing, not even itself, and its block is different", "[unit]") {
    const BlockDigest unknown = BlockDigest::of("");
    CHECK_FALSE(unknown.same_as(unknown));
    BlockDigest sum = digest_of_row(1, 1);
    sum += unknown;
    CHECK_FALSE(sum.known);
    CHECK_FALSE(BlockDigest::of(sum.bytes()).known);
    BlockComparison comparison({&sum, 1});
    comparison.take({sum, 2, "1", "2"});
    comparison.end();
    CHECK(comparison.different() == std::vector<KeyRange>{KeyRange{}});
}

}  // namespace dbfixture::mariadb
