// SPDX-License-Identifier: MIT
#include "db/postgres/restore_places.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>

#include "base/cat.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {
namespace {

constexpr int kMostPlacesRead = 700;
constexpr std::size_t kFewest = 16;  // fewer say nothing
constexpr std::uint64_t kBehindAll = 0xffff'fffeU;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kLastBlocks = 32;  // that updated rows are looked for in

// Of "(123,1)".
std::uint64_t block_of(std::string_view place) {
    std::uint64_t out = 0;
    std::from_chars(place.data() + std::min<std::size_t>(place.size(), 1), place.data() + place.size(), out);
    return out;
}

}  // namespace

std::optional<CopyPlaces> CopyPlaces::read(Session& session, const RestoreTable& table) {
    const std::string relation = table.saved->relation();
    const Result found =
        session.run(cat("SELECT c.ctid, c.", table.key[0].column, " FROM ", relation,
                        " c WHERE c.ctid = ANY (ARRAY(SELECT format('(%s,1)', b)::tid FROM (SELECT pg_relation_size(",
                        text_literal(relation),
                        ") / current_setting('block_size')::int8 AS blocks) s, generate_series(0, "
                        "s.blocks - 1, greatest(1, s.blocks / ",
                        kMostPlacesRead, ")) b)) ORDER BY c.ctid"));
    // A place that is behind most of those that follow is none: the next ones tell.
    CopyPlaces out;
    std::vector<Place> all;
    for (int row = 0; row < found.rows(); ++row)
        all.push_back({block_of(found.text(row, 0)), found.integer(row, 1)});
    for (std::size_t at = 0; at < all.size(); ++at) {
        const bool behind = !out.places_.empty() && all[at].key <= out.places_.back().key;
        const bool ahead = at + 2 < all.size() && all[at].key >= all[at + 1].key && all[at].key >= all[at + 2].key;
        if (!behind && !ahead) {
            out.places_.push_back(all[at]);
        } else {
            out.strays_.push_back({all[at].block, at + 1 < all.size() ? all[at + 1].block : kBehindAll});
        }
    }
    if (out.places_.size() < kFewest || out.strays_.size() * 8 > all.size()) return std::nullopt;
    const std::uint64_t last = all.back().block;
    out.strays_.push_back({last - std::min(last, kLastBlocks), kBehindAll});
    return out;
}

std::string CopyPlaces::rows(const RestoreTable& table, const std::vector<Keys>& keys) const {
    std::vector<Blocks> wanted = strays_;
    for (const Keys& one : keys) {
        const auto begin = std::ranges::upper_bound(places_, one.first, {}, &Place::key);
        const auto end = std::ranges::upper_bound(places_, one.last, {}, &Place::key);
        wanted.push_back(
            {begin == places_.begin() ? 0 : std::prev(begin)->block, end == places_.end() ? kBehindAll : end->block});
    }
    std::ranges::sort(wanted, {}, &Blocks::first);
    // No block twice: its rows would come twice.
    std::vector<Blocks> apart;
    for (const Blocks& blocks : wanted) {
        if (apart.empty() || blocks.first > apart.back().behind) {
            apart.push_back(blocks);
        } else {
            apart.back().behind = std::max(apart.back().behind, blocks.behind);
        }
    }
    const std::uint64_t last = places_.back().block;
    std::uint64_t size = 0;
    std::string from, to;
    for (const Blocks& blocks : apart) {
        size += std::min(blocks.behind, last) - std::min(blocks.first, last);
        append(from, cat(from.empty() ? "" : ",", "\"(", blocks.first, ",0)\""));
        append(to, cat(to.empty() ? "" : ",", "\"(", blocks.behind, ",0)\""));
    }
    if (size > last / 2) return "";
    return cat("unnest('{", from, "}'::tid[], '{", to, "}'::tid[]) r(a, b) CROSS JOIN LATERAL (SELECT c.* FROM ",
               table.copied(), " AND c.ctid >= r.a AND c.ctid < r.b OFFSET 0) s");
}

std::string CopyPlaces::count_rows_between(const RestoreTable& table) const {
    std::string keys;
    for (const Place& place : places_)
        append(keys, cat(keys.empty() ? "" : ",", place.key));
    const std::string& key = table.key[0].column;
    return cat("SELECT array_agg((SELECT count(*) FROM ONLY ", table.saved->sql_name, " x WHERE x.", key,
               " >= r.a AND x.", key, " < r.b) ORDER BY r.o) FROM unnest('{", kLeast, ",", keys, "}'::int8[], '{", keys,
               ",", kMost, "}'::int8[]) WITH ORDINALITY r(a, b, o)");
}

std::vector<std::string> CopyPlaces::count_copies_between(const RestoreTable& table) const {
    constexpr std::size_t kParts = 4;
    std::vector<std::string> out;
    const auto begin_of = [&](std::size_t at) { return at == 0 ? 0 : places_[at - 1].block; };
    for (std::size_t part = 0; part < kParts; ++part) {
        std::string from, to;
        for (std::size_t at = (places_.size() + 1) * part / kParts; at < (places_.size() + 1) * (part + 1) / kParts;
             ++at) {
            append(from, cat(from.empty() ? "" : ",", "\"(", begin_of(at), ",0)\""));
            append(to,
                   cat(to.empty() ? "" : ",", "\"(", at == places_.size() ? kBehindAll : places_[at].block, ",0)\""));
        }
        out.push_back(cat("SELECT array_agg((SELECT count(*) FROM ", table.saved->relation(),
                          " c WHERE c.ctid >= r.a AND c.ctid < r.b) ORDER BY r.o) FROM unnest('{", from,
                          "}'::tid[], '{", to, "}'::tid[]) WITH ORDINALITY r(a, b, o)"));
    }
    return out;
}

std::vector<CopyPlaces::Keys> CopyPlaces::differing(const std::vector<std::int64_t>& rows,
                                                    const std::vector<std::int64_t>& copies) const {
    std::vector<Keys> out;
    for (std::size_t at = 0; at < std::min(rows.size(), copies.size()); ++at) {
        if (rows[at] == copies[at]) continue;
        out.push_back({at == 0 ? kLeast : places_[at - 1].key, at == places_.size() ? kMost : places_[at].key - 1});
    }
    return out;
}

std::uint64_t CopyPlaces::count_within(const Result& keys) const {
    std::uint64_t out = 0;
    for (int row = 0; row < keys.rows(); ++row)
        out += keys.integer(row, 0) <= places_.back().key ? 1 : 0;
    return out;
}

// By the middle half of the places: a few keys far away say nothing of the others.
int CopyPlaces::shift() const {
    const std::size_t quarter = places_.size() / 4;
    const Place &low = places_[quarter], &high = places_[quarter * 3];
    const auto keys = static_cast<std::uint64_t>(high.key) - static_cast<std::uint64_t>(low.key);
    const std::uint64_t blocks = std::max<std::uint64_t>(high.block - low.block, 1);
    return std::min(static_cast<int>(std::bit_width(keys / blocks)), std::numeric_limits<std::int16_t>::digits - 1);
}

}  // namespace dbfixture::postgres
