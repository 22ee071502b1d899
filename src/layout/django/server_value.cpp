// SPDX-License-Identifier: MIT
#include "layout/django/server_value.h"

#include <charconv>

#include "base/cat.h"
#include "base/text.h"
#include "layout/django/time.h"

namespace dbfixture {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;

bool take(std::string_view& rest, std::string_view what) {
    if (!rest.starts_with(what)) return false;
    rest.remove_prefix(what.size());
    return true;
}

// 04:05:06.000007, of less than a day.
std::string clock_text(std::int64_t microseconds) {
    const auto two = [](std::int64_t number) { return cat(number < 10 ? "0" : "", number); };
    const std::int64_t seconds = microseconds / kSecond;
    std::string out = cat(two(seconds / 3600), ":", two(seconds / 60 % 60), ":", two(seconds % 60));
    if (const std::int64_t rest = microseconds % kSecond; rest != 0) {
        const std::string digits = cat(rest);
        append(out, cat(".", std::string(6 - digits.size(), '0'), digits));
        while (out.back() == '0')
            out.pop_back();
    }
    return out;
}

}  // namespace

std::optional<std::string> django_moment(std::string_view stored) {
    const bool zoned = stored.ends_with("+00");
    if (zoned) stored.remove_suffix(3);
    std::string text(stored);
    if (!is_stored_datetime(text)) {
        const auto complete = complete_fraction(text);
        if (!complete || !is_stored_datetime(*complete)) return std::nullopt;
        text = *complete;
    }
    text[10] = 'T';
    if (zoned) text += 'Z';
    return text;
}

bool is_moment_without_zone(const Column& column) {
    return column.type == ColumnType::kTimestamp && to_lower(column.declared).starts_with("datetime");
}

std::optional<std::string> django_time(std::string_view stored) {
    if (is_stored_time(stored)) return std::string(stored);
    auto complete = complete_fraction(stored);
    if (complete && !is_stored_time(*complete)) complete.reset();
    return complete;
}

std::string server_time(std::string_view stored, ColumnType type) {
    if (stored.find('.') != std::string_view::npos) {
        while (stored.ends_with('0'))
            stored.remove_suffix(1);
    }
    return cat(stored, type == ColumnType::kTimestampZone ? "+00" : "");
}

// As timedelta keeps it: only the days are negative.
std::string interval_text(std::int64_t microseconds) {
    std::int64_t days = microseconds / kDay, rest = microseconds % kDay;
    if (rest < 0) {
        --days;
        rest += kDay;
    }
    std::string out;
    if (days != 0) append(out, cat(days, days == 1 ? " day" : " days"));
    if (rest != 0 || days == 0) append(out, cat(days == 0 ? "" : days < 0 ? " +" : " ", clock_text(rest)));
    return out;
}

std::optional<std::int64_t> interval_span(std::string_view stored) {
    std::int64_t days = 0;
    std::string_view rest = stored;
    if (const std::size_t word = rest.find(" day"); word != std::string_view::npos) {
        const auto parsed = std::from_chars(rest.data(), rest.data() + word, days);
        if (parsed.ec != std::errc() || parsed.ptr != rest.data() + word || days > 106'000'000 || days < -106'000'000)
            return std::nullopt;
        rest.remove_prefix(word + 4);
        take(rest, "s");
        take(rest, " ");
        take(rest, "+");
    }
    std::int64_t span = days * kDay;
    if (!rest.empty()) {
        const auto clock = parse_duration(rest);
        if (!clock) return std::nullopt;
        span += *clock;
    }
    return interval_text(span) == stored ? std::optional(span) : std::nullopt;
}

}  // namespace dbfixture
