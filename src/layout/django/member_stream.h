// SPDX-License-Identifier: MIT
// The rows of a many-to-many table beside the rows of its owners.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "db/beside.h"
#include "db/connection.h"
#include "layout/django/models.h"
#include "layout/django/value.h"

namespace dbfixture {

// The order in which the database gives rows: null, numbers, text, bytes.
inline int rank_of(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return 0;
        case ValueKind::kBoolean:
        case ValueKind::kInteger:
            return 1;
        case ValueKind::kReal:
        case ValueKind::kUnsigned:
            return 2;
        case ValueKind::kBytes:
            return 4;
        default:
            return 3;
    }
}

inline int compare_stored(const Value& a, const Value& b) {
    const int left = rank_of(a), right = rank_of(b);
    if (left == 1 && right == 1) return a.as_integer() < b.as_integer() ? -1 : a.as_integer() > b.as_integer() ? 1 : 0;
    if ((left == 1 || left == 2) && (right == 1 || right == 2)) {
        const auto number = [](const Value& value) -> long double {  // 64 bits of mantissa
            if (value.kind() == ValueKind::kReal) return value.as_real();
            if (value.kind() == ValueKind::kUnsigned) return static_cast<long double>(value.as_unsigned());
            return static_cast<long double>(value.as_integer());
        };
        const long double x = number(a), y = number(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }
    if (left != right) return left < right ? -1 : 1;
    return left == 0 ? 0 : a.as_text().compare(b.as_text());
}

inline Value kept(Value value, Arena& arena) {
    if (value.has_text()) value.move_text(arena.copy(value.as_text()));
    return value;
}

// The join rows of one many-to-many list, ordered by owner and then by member, walked beside the owners' rows.
class MemberStream {
  public:
    MemberStream(Connection& connection, const DjangoMembers& members, DjangoWriteRules rules)
        : members_(members), write_(writer_of(members.form)), rules_(rules) {
        rules_.exact = true;
        rules_.places = members.places;
        RowQuery query;
        query.table = members.table;
        query.columns = {members.owner, members.member};
        query.order = {members.owner, members.member};
        cursor_ = open_rows_beside(connection, query);
        advance();
    }

    const DjangoMembers& members() const { return members_; }

    // The members of `owner`; owners must come in order. Rows before it that had no owner go to `leftover`.
    template <typename Leftover>
    void collect(const Value& owner, std::vector<Value>& out, Arena& arena, Leftover&& leftover) {
        for (; more_; advance()) {
            const int order = compare_stored(row_.values[0], owner);
            if (order > 0) return;
            if (order < 0) {
                leftover(row_);
            } else {
                out.push_back(kept(row_.values[1], arena));
            }
        }
    }
    template <typename Leftover>
    void finish(Leftover&& leftover) {
        for (; more_; advance())
            leftover(row_);
    }

    // Of chosen owners only, which come in any order: all their rows at once.
    void choose(const std::vector<Value>& owners) {
        for (; more_; advance()) {
            for (const Value& owner : owners) {
                if (compare_stored(row_.values[0], owner) != 0) continue;
                chosen_.emplace_back(kept(row_.values[0], chosen_texts_), kept(row_.values[1], chosen_texts_));
                break;
            }
        }
    }
    void take_chosen(const Value& owner, std::vector<Value>& out) const {
        for (const auto& [of, member] : chosen_) {
            if (compare_stored(of, owner) == 0) out.push_back(member);
        }
    }

    Value written(const Value& member, Arena& arena) const { return write_(member, rules_, arena); }

  private:
    void advance() { more_ = cursor_->next(row_); }

    const DjangoMembers& members_;
    DjangoWrite write_;
    DjangoWriteRules rules_;
    std::unique_ptr<RowCursor> cursor_;
    Row row_;
    bool more_ = false;
    std::vector<std::pair<Value, Value>> chosen_;
    Arena chosen_texts_;
};

}  // namespace dbfixture
