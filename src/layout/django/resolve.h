// SPDX-License-Identifier: MIT
// Natural keys of a load to the values that they stand for.
//
//  1. The keys of a batch are searched for together, as far as none of its rows can change the answer: those of tables
//     that the batch writes nothing to.
//  2. Others are searched for when their row's turn comes, those of one list together.
//  3. What the database does not have, a row may that waits to be written.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "db/connection.h"
#include "layout/django/links.h"
#include "layout/django/models.h"
#include "layout/django/value.h"

namespace dbfixture {

// A text that two lists of values of a table share exactly if they are equal.
std::string identity_of(std::size_t table, std::span<const Value> values);

class NaturalKeyResolver {
  public:
    struct Hooks {
        // With it, whether rows of a table may be looked up now.
        std::function<bool(std::size_t table)> may_search;
        // Called before rows of a table are looked up: what is to be found must be written.
        std::function<void(std::size_t table)> before_search;
        // What a waiting row has, or is given now, in the target's column, if it has this natural key.
        std::function<std::optional<Value>(const DjangoTarget&, std::span<const Value> wanted)> find_waiting;
    };

    NaturalKeyResolver(Connection& connection, LoadSession& session, const DjangoModels& models, Hooks hooks)
        : connection_(connection), session_(session), models_(models), hooks_(std::move(hooks)) {}

    // Rule 1: for each link, what its natural key stands for; nullptr where that is to be asked when its turn comes.
    // Values are valid until forget().
    std::vector<const Value*> expect(const RowBatch& batch, std::span<const RowLink> links);
    void forget() { scratch_.clear(); }
    void search_anywhere() { hooks_.may_search = nullptr; }
    // The connection is to be free of searches.
    void close() { lookups_.clear(); }

    // What each of the natural keys stands for, appended to `out`; false at the first that no row has. Values are valid
    // until forget(). Throws Error (kInput) without a place.
    bool resolve(const DjangoTarget& target, const RowLink& link, std::span<const Value> keys, std::vector<Value>& out);
    // The rows of a model's table with this natural key, and the value of a column in the first.
    LookupAnswer find_rows(std::size_t table, std::size_t column, std::span<const Value> wanted);

    // Of the key that no row had last: its identity, and what to say of it.
    const std::string& lacking() const { return lacking_; }
    const std::string& missing() const { return missing_; }
    const std::string& missing_hint() const { return missing_hint_; }

  private:
    bool is_ready(const RowLink& link, const std::set<std::size_t>& written) const;
    const DjangoModel& model_of(const DjangoTarget& target, const Value& key) const;
    std::string hint_for(const DjangoModel& model) const;
    bool is_nested(const DjangoField& field, std::size_t table) const;
    // Appends the values of the natural key's columns; false if a key in it has no row.
    bool append_wanted(const DjangoTarget& target, const RowLink& link, const Value* parts, std::vector<Value>& wanted);
    std::optional<Value> settle(const DjangoTarget& target, std::span<const Value> wanted, int rows,
                                const Value* found);
    std::optional<Value> find(const DjangoTarget& target, const RowLink& link, const Value* parts);
    void note_missing(const DjangoModel& model, const Value& key);
    RowLookup& lookup(std::size_t table, std::size_t column);

    Connection& connection_;
    LoadSession& session_;
    const DjangoModels& models_;
    Hooks hooks_;
    using Place = std::pair<std::size_t, std::size_t>;  // table, column
    std::map<Place, std::unique_ptr<RowLookup>> lookups_;
    Arena scratch_;
    DjangoReadNotes notes_;
    std::string lacking_, missing_, missing_hint_;
};

}  // namespace dbfixture
