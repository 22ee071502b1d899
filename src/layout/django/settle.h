// SPDX-License-Identifier: MIT
// The writing side of a load for rows in Django's layout: resolves natural keys in the database, finds or gives primary
// keys, and replaces many-to-many lists. Rows that need none of it go straight through.
//
//  1. A natural key that no row has yet makes its row wait for the end of the load; so does one of a row that waits.
//  2. At the end, waiting rows may name each other, in rings too: a waiting row's own natural and primary key are
//     known before it is written.
//  3. What then has no row is an error that names the record and the field.
//  4. Rows are written together as far as none of them is looked for by another; lists come after their rows.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "db/connection.h"
#include "layout/django/links.h"
#include "layout/django/models.h"
#include "layout/django/resolve.h"
#include "layout/django/waiting.h"
#include "layout/layout.h"

namespace dbfixture {

class DjangoWriter final : public Settler {
  public:
    // `on_problem`: with it, the errors of rows are reported there and the rows are left out. `may_search`: with it,
    // whether natural keys may be looked up in a table before finish(); rows that need another wait.
    DjangoWriter(Connection& connection, LoadSession& session, const DjangoModels& models,
                 const std::vector<std::string>& files, std::function<void(const Error&)> on_problem = {},
                 std::function<bool(std::size_t table)> may_search = {});

    void write(const RowBatch& batch) override;
    // After the last batch: the rows that wait.
    void finish() override;

  private:
    bool settle(BoundRow& row, std::span<RowLink> links);
    bool settle_members(RowLink& link, const BoundRow& row);
    std::optional<Value> find_waiting(const DjangoTarget& target, std::span<const Value> wanted);
    void give_key(BoundRow& row, const RowLink& link, Arena& arena);
    bool knows_natural_key(const BoundRow& row, std::span<const RowLink> links) const;
    bool process(BoundRow& row, std::span<RowLink> links);
    void report(const Error& error, const BoundRow& row);
    void wait(BoundRow row, std::span<const RowLink> links);
    void drop_waiting(const BoundRow& row, std::int64_t but = 0);
    void mark_key(std::int64_t number, const BoundRow& row);
    bool index(WaitingRow& waiting);
    void index_all();
    void write_waiting(bool numbered);
    std::int64_t new_number(std::size_t table);
    void write_ready();
    void write_ready_of(std::size_t table);
    void forget();
    [[noreturn]] void fail(const BoundRow& row, const RowLink& link, Error error) const;
    [[noreturn]] void fail_unresolved(const WaitingRow& waiting);

    LoadSession& session_;
    const DjangoModels& models_;
    const std::vector<std::string>& files_;
    std::function<void(const Error&)> on_problem_;
    NaturalKeyResolver resolver_;
    std::map<std::size_t, std::int64_t> reserved_;
    Arena scratch_;
    WaitingRows waiting_;
    bool finishing_ = false;
    // Settled rows in order, with the lists that come after them.
    struct Settled {
        std::vector<BoundRow> rows;
        std::vector<MemberSet> sets;
        std::vector<std::size_t> owners;  // of the sets: indexes into rows
        void clear() {
            rows.clear();
            sets.clear();
            owners.clear();
        }
    };
    Settled ready_;    // not written yet
    Settled writing_;  // rows must not be written again after a failure; kept for its memory
    std::vector<bool> ready_tables_;
    std::vector<RowFate> fates_;
};

}  // namespace dbfixture
