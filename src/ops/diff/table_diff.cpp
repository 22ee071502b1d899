// SPDX-License-Identifier: MIT
#include "ops/diff/table_diff.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "model/sort_key.h"
#include "ops/diff/patterns.h"

namespace dbfixture {
namespace {

// Passes differences on, and counts them.
class Differences {
  public:
    Differences(const ComparedTable& table, const TableDiffOptions& options, DiffSink& sink)
        : table_(table), options_(options), sink_(sink) {
        count.label = table.label;
    }

    void only_a(const DiffRow& row) {
        ++count.only_a;
        give(RowChange::kOnlyA, &row, nullptr, {});
    }
    void only_b(const DiffRow& row) {
        if (options_.contains) return;
        ++count.only_b;
        give(RowChange::kOnlyB, nullptr, &row, {});
    }
    void differ(const DiffRow& a, const DiffRow& b, Patterns& patterns) {
        std::vector<bool> differs(a.slots.size());
        bool any = false;
        for (std::size_t i = 0; i < a.slots.size(); ++i) {
            differs[i] = !agree(a.slots[i], b.slots[i], patterns);
            any = any || differs[i];
        }
        if (!any) return;
        ++count.differs;
        give(RowChange::kDiffers, &a, &b, std::move(differs));
    }
    TableCount finish() {
        sink_.end_table(count);
        return count;
    }
    TableCount count;

  private:
    void give(RowChange change, const DiffRow* a, const DiffRow* b, std::vector<bool> differs) {
        if (!begun_) sink_.begin_table(table_);
        begun_ = true;
        sink_.take(RowDifference{change, a, b, std::move(differs)});
    }

    const ComparedTable& table_;
    const TableDiffOptions& options_;
    DiffSink& sink_;
    bool begun_ = false;
};

// A side's stream, with the row that is next. A fixture's keys are looked at: none may come twice.
class Walk {
  public:
    Walk(const ComparedTable& table, const TableSide& side, bool twice_is_wrong)
        : table_(table), side_(side), check_(twice_is_wrong && side.captured != nullptr && !table.is_bag) {
        advance();
    }

    void advance() {
        if (check_ && more) last_key_.assign(row.key);
        const Origin before = row.origin;
        const bool had = more;
        more = side_.rows != nullptr && side_.rows->next(row);
        rows += more ? 1 : 0;
        if (check_ && had && more && row.key == last_key_) fail_twice(before);
    }
    const DiffRow& unpacked() {
        unpack_row(row.row, unpacked_);
        unpacked_.origin = row.origin;
        return unpacked_;
    }

    bool more = false;
    StreamedRow row;
    std::uint64_t rows = 0;

  private:
    [[noreturn]] void fail_twice(const Origin& before) {
        const DiffRow& twice = unpacked();
        std::string key;
        for (std::size_t i = 0; i < table_.key_size; ++i)
            append(key, cat(i > 0 ? ", " : "", describe(twice.slots[i].value)));
        if (twice.row_number) key = cat(*twice.row_number);
        Error error(ErrorKind::kInput, "another record has the same key");
        error.with_detail(before.record == 0
                              ? std::string("It stands before this one; which of them to expect is not said.")
                              : cat("It is record ", before.record, " at line ", before.line, " of ",
                                    side_.fixture->file(before), "; which of them to expect is not said."));
        error.at({side_.fixture->file(row.origin),
                  row.origin.line,
                  row.origin.record,
                  table_.label,
                  cat("pk=", table_.key_size > 1 ? cat("[", key, "]") : key),
                  {}});
        throw error;
    }

    const ComparedTable& table_;
    const TableSide& side_;
    bool check_;
    std::string last_key_;
    DiffRow unpacked_;
};

UnkeyedRows* unkeyed_of(const TableSide& side) {
    return side.captured != nullptr && !side.captured->unkeyed.empty() ? &side.captured->unkeyed : nullptr;
}

// The pairs of one owner.
struct Group {
    std::string owner;  // bytes of its key
    bool has_list = false;
    std::vector<std::pair<std::string, std::string>> pairs;  // key, row; each once
};

// Takes the next owner's pairs off the stream.
bool next_group(Walk& walk, Group& group) {
    group = {};
    DiffRow row;
    while (walk.more) {
        unpack_row(walk.row.row, row);
        std::string owner;
        append_sort_key(owner, row.slots[0].value);
        if (group.owner.empty()) group.owner = owner;
        if (owner != group.owner) break;
        const std::string_view key = walk.row.key;
        if (row.slots[1].value.is_null()) {
            group.has_list = true;
        } else if (group.pairs.empty() || group.pairs.back().first != key) {
            group.pairs.emplace_back(key, walk.row.row);
        }
        walk.advance();
    }
    return !group.owner.empty();
}

void compare_group(const Group& a, const Group& b, Differences& out) {
    auto left = a.pairs.begin(), right = b.pairs.begin();
    DiffRow row;
    while (left != a.pairs.end() || right != b.pairs.end()) {
        const int order = left == a.pairs.end() ? 1 : right == b.pairs.end() ? -1 : left->first.compare(right->first);
        if (order < 0) {
            unpack_row(left->second, row);
            out.only_a(row);
        } else if (order > 0) {
            unpack_row(right->second, row);
            out.only_b(row);
        }
        if (order <= 0) ++left;
        if (order >= 0) ++right;
    }
}

}  // namespace

ComparedTable compared_table(const std::string& label, const Table& a, const TableSlots& slots_a, const Table& b,
                             const TableSlots& slots_b) {
    ComparedTable out{label, &a, &b, {}, slots_a.columns, slots_b.columns, slots_a.key_size, slots_a.is_bag};
    for (const std::size_t column : slots_a.columns)
        out.columns.push_back(a.columns[column].name);
    return out;
}

TableCount compare_rows(const ComparedTable& table, const TableSide& a, const TableSide& b,
                        const TableDiffOptions& options, DiffSink& sink) {
    Differences out(table, options, sink);
    Patterns patterns;
    UnkeyedRows* const unkeyed_a = unkeyed_of(a);
    UnkeyedRows* const unkeyed_b = unkeyed_of(b);
    Walk left(table, a, true), right(table, b, true);
    while (left.more || right.more) {
        const int order = !left.more ? 1 : !right.more ? -1 : left.row.key.compare(right.row.key);
        if (order < 0) {
            const DiffRow& row = left.unpacked();
            if (unkeyed_b == nullptr || !unkeyed_b->take(row, patterns)) out.only_a(row);
        } else if (order > 0) {
            const DiffRow& row = right.unpacked();
            if (unkeyed_a == nullptr || !unkeyed_a->take(row, patterns)) out.only_b(row);
        } else if (left.row.row != right.row.row) {
            out.differ(left.unpacked(), right.unpacked(), patterns);
        }
        if (order <= 0) left.advance();
        if (order >= 0) right.advance();
    }
    out.count.rows_a = left.rows;
    out.count.rows_b = right.rows;
    if (unkeyed_a != nullptr) {
        unkeyed_a->each_left([&](const DiffRow& row) {
            if (unkeyed_b == nullptr || !unkeyed_b->take(row, patterns)) out.only_a(row);
        });
    }
    if (unkeyed_b != nullptr) unkeyed_b->each_left([&](const DiffRow& row) { out.only_b(row); });
    return out.finish();
}

TableCount compare_lists(const ComparedTable& table, const TableSide& a, const TableSide& b,
                         const TableDiffOptions& options, DiffSink& sink) {
    Differences out(table, options, sink);
    Walk left(table, a, false), right(table, b, false);
    Group left_group, right_group;
    bool more_left = next_group(left, left_group), more_right = next_group(right, right_group);
    const Group none;
    while (more_left || more_right) {
        const int order = !more_left ? 1 : !more_right ? -1 : left_group.owner.compare(right_group.owner);
        const bool asked_a = !a.is_lists() || (order <= 0 && left_group.has_list);
        const bool asked_b = !b.is_lists() || (order >= 0 && right_group.has_list);
        if (asked_a && asked_b) compare_group(order <= 0 ? left_group : none, order >= 0 ? right_group : none, out);
        if (order <= 0) more_left = next_group(left, left_group);
        if (order >= 0) more_right = next_group(right, right_group);
    }
    out.count.rows_a = left.rows;
    out.count.rows_b = right.rows;
    return out.finish();
}

}  // namespace dbfixture
