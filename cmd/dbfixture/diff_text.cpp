// SPDX-License-Identifier: MIT
#include "diff_text.h"

#include <algorithm>

#include "base/cat.h"
#include "base/text.h"
#include "diff_value.h"

namespace dbfixture {
namespace {

constexpr std::size_t kLongestValue = 100;

std::string safe(std::string_view text) {
    return printable(text, std::string_view::npos);
}

std::string cut(const std::string& json) {
    if (json.size() <= kLongestValue + 20) return safe(json);
    return cat(printable(json, kLongestValue), " (", json.size(), " bytes)");
}

// Two long texts from shortly before where they part.
std::pair<std::string, std::string> around_difference(const std::string& a, const std::string& b) {
    const auto parted = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
    auto at = static_cast<std::size_t>(parted - a.begin());
    at = at > kLongestValue / 3 ? at - kLongestValue / 4 : 0;
    while (at > 0 && at < a.size() && (a[at] & 0xC0) == 0x80)
        --at;
    const auto from = [at](const std::string& text) {
        const std::string rest = text.substr(std::min(at, text.size()));
        return cat(at > 0 ? "..." : "", printable(rest, kLongestValue));
    };
    return {from(a), from(b)};
}

std::string change_of(const Slot& a, const Slot& b) {
    const std::string left = fixture_json(a), right = fixture_json(b);
    if (left.size() <= kLongestValue && right.size() <= kLongestValue) return cat(safe(left), " -> ", safe(right));
    const auto [cut_a, cut_b] = around_difference(left, right);
    return cat(cut_a, " -> ", cut_b);
}

std::string_view color_of(char mark) {
    switch (mark) {
        case '+':
            return "\x1b[32m";
        case '-':
            return "\x1b[31m";
        case '~':
            return "\x1b[33m";
        default:
            return "\x1b[1m";
    }
}

char mark_of(RowChange change) {
    return change == RowChange::kOnlyA ? '-' : change == RowChange::kOnlyB ? '+' : '~';
}

}  // namespace

void DiffText::say(char mark, const std::string& line) {
    const std::string begin = mark == ' ' ? "" : cat(mark, " ");
    report_.data(style_.color ? cat(color_of(mark), begin, line, "\x1b[0m\n") : cat(begin, line, "\n"));
}

void DiffText::say_names() {
    if (named_) return;
    named_ = true;
    say(' ', cat("--- ", safe(name_a_)));
    say(' ', cat("+++ ", safe(name_b_)));
}

void DiffText::take(const OtherDifference& difference) {
    say_names();
    std::string line = cat(difference.kind, " ", safe(difference.name));
    if (difference.rows) append(line, cat(", with ", plural(*difference.rows, "row")));
    if (difference.kind == "sequence") append(line, cat(": ", difference.a, " -> ", difference.b));
    if (difference.kind == "column" && difference.change == RowChange::kDiffers)
        append(line, cat(": type ", safe(difference.a), " -> ", safe(difference.b)));
    if (difference.change == RowChange::kDiffers && difference.kind != "sequence" && difference.kind != "column")
        line += ": other definition";
    say(mark_of(difference.change), line);
}

void DiffText::begin_table(const ComparedTable& table) {
    say_names();
    table_ = &table;
    shown_ = 0;
    if (!style_.stat) say(' ', safe(table.label));
}

void DiffText::take(const RowDifference& difference) {
    if (style_.stat || (style_.limit > 0 && ++shown_ > style_.limit)) return;
    const DiffRow& row = difference.a != nullptr ? *difference.a : *difference.b;
    const std::string key = key_json(*table_, row);
    std::string line = key == "null" ? std::string() : cat(cut(key), "  ");
    bool first = true;
    for (std::size_t i = 0; i < row.slots.size(); ++i) {
        const bool changed = difference.change == RowChange::kDiffers;
        if (changed ? !difference.differs[i] : row.slots[i].state == SlotState::kAbsent) continue;
        if (!changed && key != "null" && i < table_->key_size) continue;
        append(line, cat(first ? "" : ", ", safe(table_->columns[i]), ": ",
                         changed ? change_of(difference.a->slots[i], difference.b->slots[i])
                                 : cut(fixture_json(row.slots[i]))));
        first = false;
    }
    while (line.ends_with(' '))
        line.pop_back();
    say(mark_of(difference.change), line);
}

void DiffText::end_table(const TableCount& count) {
    if (!count.any()) return;
    if (style_.stat) say(' ', cat(safe(count.label), ": ", describe_counts(count)));
    if (style_.limit > 0 && shown_ > style_.limit) say(' ', cat("... and ", plural(shown_ - style_.limit, "more row")));
}

void DiffText::not_compared(const std::string& table, const std::string& reason) {
    say_names();
    say(' ', cat(safe(table), ": not compared: ", safe(reason)));
}

std::string describe_counts(const TableCount& count) {
    std::string out;
    const auto add = [&](std::uint64_t number, std::string_view what) {
        if (number == 0) return;
        append(out, cat(out.empty() ? "" : ", ", out.empty() ? plural(number, "row") : cat(number), " ", what));
    };
    add(count.only_b, "added");
    add(count.only_a, "removed");
    add(count.differs, "changed");
    return out;
}

std::string describe_result(const DiffReport& report) {
    TableCount all;
    std::uint64_t differing = 0;
    for (const TableCount& table : report.tables) {
        all.only_a += table.only_a;
        all.only_b += table.only_b;
        all.differs += table.differs;
        all.rows_b += table.rows_b;
        differing += table.any() ? 1 : 0;
    }
    const std::string tables = plural(report.tables.size(), "table");
    if (!report.any()) return cat(report.not_compared == 0 ? "Equal: " : "Equal in what was compared: ", tables);
    std::string out = "Different: ";
    if (all.any()) append(out, cat(describe_counts(all), " in ", differing, " of ", tables));
    if (report.others > 0)
        append(out, cat(all.any() ? "; " : "", plural(report.others, "difference"), " of schema or sequences"));
    return out;
}

}  // namespace dbfixture
