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
#include "model/value_order.h"

namespace dbfixture {

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
        rules_.server = members.server;
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
