// SPDX-License-Identifier: MIT
#include "progress_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/cat.h"
#include "base/text.h"
#include "state.h"

namespace dbfixture {
namespace {

// What many terminals show in two columns. Some of it takes one: that only makes the line shorter.
bool is_wide(unsigned char lead, unsigned char next) {
    return lead > 0xE1 || (lead == 0xE1 && next >= 0x84);
}

// How many bytes of `text` fit into `width` columns, and how many columns those take.
struct Fit {
    std::size_t bytes = 0, columns = 0;
};
Fit fit(std::string_view text, std::size_t width) {
    Fit out;
    while (out.bytes < text.size()) {
        std::size_t end = out.bytes + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            ++end;
        const auto lead = static_cast<unsigned char>(text[out.bytes]);
        const bool wide = end > out.bytes + 1 && is_wide(lead, static_cast<unsigned char>(text[out.bytes + 1]));
        if (out.columns + (wide ? 2 : 1) > width) break;
        out.columns += wide ? 2 : 1;
        out.bytes = end;
    }
    return out;
}

std::size_t columns_of(std::string_view text) {
    return fit(text, std::string::npos).columns;
}

std::string cut(std::string_view text, std::size_t width) {
    if (columns_of(text) <= width) return std::string(text);
    if (width <= 3) return std::string(text.substr(0, fit(text, width).bytes));
    return cat(text.substr(0, fit(text, width - 3).bytes), "...");
}

// "63.1 of 150.0 MB", both in the unit of the second.
std::string bytes_of(std::uint64_t done, std::uint64_t total) {
    const std::string all = human_size(total);
    const std::size_t space = all.find(' ');
    double scale = 1;
    for (std::uint64_t rest = total; rest >= 1000; rest /= 1000)
        scale *= 1000;
    if (static_cast<double>(total) / scale >= 999.95) scale *= 1000;  // as human_size() rounds
    std::array<char, 32> part{};
    std::snprintf(part.data(), part.size(), scale == 1 ? "%.0f" : "%.1f", static_cast<double>(done) / scale);
    return cat(part.data(), " of ", all.substr(0, space), all.substr(space));
}

std::string amount(const ProgressState& state) {
    if (state.done == 0) return {};
    if (state.unit == ProgressUnit::kBytes)
        return state.total > 0 ? bytes_of(state.done, state.total) : human_size(state.done);
    if (state.total > 0) return cat(state.done, " of ", plural(state.total, "record"));
    return plural(state.done, "record");
}

std::string rate(const ProgressState& state) {
    const auto rounded = static_cast<std::uint64_t>(state.per_second);
    if (state.done == 0 || rounded == 0) return {};
    return cat(state.unit == ProgressUnit::kBytes ? human_size(rounded) : cat(rounded, " records"), "/s");
}

std::string duration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::llround(std::min(seconds, 1e9)));
    if (whole < 60) return cat(whole, " s");
    if (whole < 3600) return cat(whole / 60, " min ", whole % 60, " s");
    return cat(whole / 3600, " h ", whole / 60 % 60, " min");
}

// What is left where that can be told, else what it took so far.
std::string time(const ProgressState& state) {
    if (state.total <= state.done || state.per_second <= 0) return duration(state.seconds);
    const double left = static_cast<double>(state.total - state.done) / state.per_second;
    return cat(duration(std::max(left, 1.0)), " left");
}

std::string percent(const ProgressState& state) {
    if (state.total == 0) return {};
    const double part = static_cast<double>(std::min(state.done, state.total)) / static_cast<double>(state.total);
    return cat(static_cast<int>(part * 100), "%");
}

std::string join(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) {
        if (!part.empty()) append(out, cat(out.empty() ? "" : ", ", part));
    }
    return out;
}

}  // namespace

std::string progress_text(const ProgressState& state, std::size_t width) {
    std::vector<std::string> parts = {std::string(state.step), percent(state), amount(state), rate(state), time(state)};
    const std::string what = printable(state.what, 500);
    constexpr std::size_t kGoodName = 24, kLeastName = 12;
    const std::size_t name = std::min(columns_of(what), kLeastName);
    for (const std::size_t least_needed : {2U, 3U, 0U}) {  // amount, rate, step
        const std::size_t room = least_needed == 2 ? std::min(columns_of(what), kGoodName) : name;
        if (room + 2 + join(parts).size() > width) parts[least_needed].clear();
    }
    const std::string rest = join(parts);
    if (rest.size() + 2 + name > width) return cut(rest, width);
    return cat(cut(what, width - rest.size() - 2), ": ", rest);
}

}  // namespace dbfixture
